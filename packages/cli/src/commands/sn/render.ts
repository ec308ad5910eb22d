import type { MoveStatus, ServiceNodeStatus, ServiceNodesDocument } from '@hamn/api';
import { namesText } from '@hamn/core';
import { type Paint, paint } from '../../text/colour.ts';
import { formatDuration, formatTime } from '../../text/quantities.ts';
import { plainTable } from '../../text/table.ts';
import { hanging } from '../../text/wrap.ts';

export interface RenderOptions {
  readonly width: number;
  readonly color: boolean;
}

const shownEnded = 5;

/** What is wrong first, then the service nodes, then what moves and what was moved. Fits into 80 columns. */
export function renderServiceNodes(document: ServiceNodesDocument, options: RenderOptions): string {
  const width = Math.min(100, Math.max(60, options.width));
  const colour = paint(options.color);
  const parts = [
    ...(document.us === undefined ? [] : [colour.red(hanging('ERROR    ', document.us, width))]),
    ...document.missing.map((text) => colour.yellow(hanging('Note: ', text, width))),
    damaged(document, width, colour),
    hanging('', whoText(document), width),
    table(document, width, colour),
    section('Asked for', document.wishes.map(wishText), width),
    section('Under way', document.moves.filter(({ stage }) => stage === 'begun').map(moveText), width),
    section('Proposed', proposedTexts(document), width),
    section('Moved away', awayTexts(document), width),
    section('Why', document.because, width),
    section('Last moves', lastTexts(document), width),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function damaged({ damagedRecords }: ServiceNodesDocument, width: number, colour: Paint): string {
  if (damagedRecords === 0) return '';
  const what = damagedRecords === 1 ? '1 record of a move' : `${damagedRecords} records of moves`;
  const text = `${what} cannot be read; their nodes are left alone. docs/service-nodes.md says how to look.`;
  return colour.yellow(hanging('WARNING  ', text, width));
}

function whoText({ mode, judgedBy, judgedAtWallMs, atWallMs }: ServiceNodesDocument): string {
  if (judgedBy === undefined) return `Mode ${mode}.`;
  const ago = formatDuration(Math.max(0, atWallMs - (judgedAtWallMs ?? atWallMs)));
  return `Mode ${mode}. ${judgedBy} looks after them; written ${ago} ago.`;
}

const head = ['SERVICE NODE', 'POOLS', 'STATE', 'SINCE', 'NODES', 'AWAY', 'FAILING'];

const table = ({ serviceNodes, atWallMs }: ServiceNodesDocument, width: number, colour: Paint): string =>
  plainTable(
    head.map((title) => colour.dim(title)),
    serviceNodes.map((one) => row(one, atWallMs, colour)),
    width,
  );

function row(one: ServiceNodeStatus, atWallMs: number, colour: Paint): readonly string[] {
  const { name, pools, sinceWallMs, nodes, away, failing } = one;
  return [
    name,
    shortList(pools),
    stateText(one, colour),
    sinceWallMs === undefined ? '-' : formatDuration(Math.max(0, atWallMs - sinceWallMs)),
    nodes === undefined ? '?' : String(nodes),
    away === 0 ? '-' : String(away),
    failing.length === 0 ? '-' : failing.map((text) => text.split(':')[0] ?? '').join(', '),
  ];
}

/** A column must not take the width of all others. */
const shortList = (names: readonly string[]): string => {
  const text = names.join(',');
  return text.length <= 16 ? text : `${text.slice(0, 13)}...`;
};

function stateText({ state, flapping }: ServiceNodeStatus, colour: Paint): string {
  if (state === 'down') return colour.red(flapping ? 'DOWN, flaps' : 'DOWN');
  if (flapping) return colour.yellow(`${state}, flaps`);
  return state === 'suspect' || state === 'unknown' ? colour.yellow(state) : state;
}

const section = (title: string, lines: readonly string[], width: number): string =>
  lines.length === 0 ? '' : [`${title}:`, ...lines.map((line) => hanging('  ', line, width))].join('\n');

const wishText = ({ kind, serviceNode, to, force, by, madeWallMs }: ServiceNodesDocument['wishes'][number]) =>
  `${kind} ${serviceNode}${to === undefined ? '' : ` to ${to}`}${force === true ? ' --force' : ''}, by ${by} at ${formatTime(madeWallMs)}`;

const moveText = ({ id, kind, from, to, nodes, begunWallMs }: MoveStatus): string =>
  `${id} ${kind} ${from} -> ${to} since ${formatTime(begunWallMs)}: ${namesText(nodes)}`;

const proposedTexts = ({ proposed }: ServiceNodesDocument): readonly string[] => [
  ...proposed.map(({ from, to, nodes }) => `${from} -> ${to}: ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`),
  ...[...new Set(proposed.map(({ from }) => from))].map((from) => `hamnctl sn move ${from} begins it.`),
];

function awayTexts({ away, serviceNodes, atWallMs }: ServiceNodesDocument): readonly string[] {
  return [
    ...away.map(({ home, at, nodes }) => `of ${home}, now at ${at}: ${namesText(nodes)}`),
    ...serviceNodes.flatMap(({ name, failbackFromWallMs: from }) => {
      if (from === undefined) return [];
      return from <= atWallMs
        ? [`hamnctl sn failback ${name} brings its nodes home.`]
        : [`hamnctl sn failback ${name} brings them home after ${formatTime(from)} (moves.failbackSoak).`];
    }),
  ];
}

const lastTexts = ({ moves }: ServiceNodesDocument): readonly string[] =>
  moves
    .filter(({ stage }) => stage === 'ended')
    .slice(0, shownEnded)
    .map(
      ({ id, kind, from, to, message, endedWallMs = 0 }) =>
        `${formatTime(endedWallMs)} ${id} ${kind} ${from} -> ${to}: ${message}`,
    );
