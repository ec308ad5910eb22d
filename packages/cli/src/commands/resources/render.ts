import type { NodeResources, ResourceLine, ResourcesDocument } from '@hamn/api';
import type { MemberService } from '@hamn/core';
import type { Paint } from '../../text/colour.ts';
import { formatDuration } from '../../text/quantities.ts';
import { plainTable } from '../../text/table.ts';

export interface ResourcesView {
  readonly width: number;
  readonly colour: Paint;
}

/** A tree: each resource below the one that it waits for longest. What runs on the standbys follows where it is not as it should be. */
export function renderResources(
  document: ResourcesDocument,
  name: string | undefined,
  view: ResourcesView,
): string {
  const node = document.nodes.find((one) => one.name === name);
  const notes = document.missing.map((text) => view.colour.yellow(text));
  if (node === undefined) return [...notes, 'No node is primary; --node NODE shows another one.'].join('\n');
  const lines = document.resources.length === 0 ? node.states.map(lineOf) : document.resources;
  const rows = treeOf(lines).map(({ line, depth }) => row(document, node, line, depth, view));
  const head = ['RESOURCE', 'KIND', 'STATE', 'FOR', 'WHY'].map((title) => view.colour.dim(title));
  const others = document.nodes.filter((one) => one !== node).flatMap((other) => othersText(document, other));
  return [
    ...notes,
    `${document.cluster}/${document.group} on ${node.name} (${node.role})`,
    plainTable(head, rows, view.width),
    ...others,
  ].join('\n');
}

const lineOf = ({ name, kind = 'unit' }: MemberService): ResourceLine => ({
  name,
  kind,
  runs: 'primary',
  after: [],
  onFailure: '',
  restarts: 0,
  restartWindowMs: 0,
});

interface Placed {
  readonly line: ResourceLine;
  readonly depth: number;
}

function treeOf(lines: readonly ResourceLine[]): readonly Placed[] {
  const place = new Map(lines.map((line, index) => [line.name, index]));
  // The last one in the order of starts.
  const parentOf = ({ after }: ResourceLine): string | undefined =>
    [...after].sort((a, b) => (place.get(b) ?? 0) - (place.get(a) ?? 0))[0];
  const below = (parent: string | undefined, depth: number): readonly Placed[] =>
    lines
      .filter((line) => parentOf(line) === parent)
      .flatMap((line) => [{ line, depth }, ...below(line.name, depth + 1)]);
  return below(undefined, 0);
}

function row(
  document: ResourcesDocument,
  node: NodeResources,
  line: ResourceLine,
  depth: number,
  { colour }: ResourcesView,
): readonly string[] {
  const state = node.states.find((one) => one.name === line.name);
  const taken = document.unmanaged.find((one) => one.resource === line.name);
  const forMs =
    state?.sinceWallMs === undefined ? undefined : Math.max(0, document.atWallMs - state.sinceWallMs);
  const failures =
    state?.failures === undefined ? '' : `${state.failures} of ${line.restarts} restarts are used up. `;
  const hand =
    taken === undefined
      ? ''
      : `${taken.by} has it in hand${taken.reason === '' ? '' : `: ${taken.reason}`}. `;
  return [
    `${'  '.repeat(depth)}${line.name}`,
    [kindText(line, state), ...(line.runs === 'primary' ? [] : [line.runs])].join(', '),
    stateText(state, colour),
    forMs === undefined ? '' : formatDuration(forMs),
    `${hand}${failures}${state?.reason ?? ''}`,
  ];
}

/** With the name that its unit has on this node, where it has several. */
const kindText = ({ kind }: ResourceLine, state: MemberService | undefined): string =>
  state?.unit === undefined ? kind : `${kind} ${state.unit}`;

function stateText(state: MemberService | undefined, colour: Paint): string {
  const word = state?.state ?? 'unknown';
  if (word === 'failed') return colour.red(word);
  if (word === 'absent' || word === 'degraded' || word === 'unknown' || word === 'unmanaged')
    return colour.yellow(word);
  const isWanted = state?.want === undefined || word === state.want || state.kind === 'job';
  return isWanted ? word : colour.yellow(word);
}

/** Of the other nodes only what speaks against them: there the role's resources rest. */
function othersText(document: ResourcesDocument, node: NodeResources): readonly string[] {
  const wrong = node.states.filter(
    ({ name, state, want }) =>
      document.resources.some((line) => line.name === name) &&
      (state === 'failed' ||
        state === 'degraded' ||
        state === 'absent' ||
        (want === 'stopped' && state !== 'stopped')),
  );
  return wrong.map(
    ({ name, state, reason }) =>
      `On ${node.name}: ${name} ${state === 'failed' ? 'has failed' : `is ${state}`}.${reason === undefined ? '' : ` ${reason}`}`,
  );
}

export function renderJobs(document: ResourcesDocument, { width, colour }: ResourcesView): string {
  const primary = document.nodes.find((node) => node.role === 'primary');
  const jobs = document.resources.filter(({ kind }) => kind === 'job');
  if (jobs.length === 0) return 'The settings name no jobs.';
  if (primary === undefined) return 'No node is primary, so no job has run in this term.';
  const rows = jobs.map(({ name, restarts }) => {
    const state = primary.states.find((one) => one.name === name);
    const used =
      state?.failures === undefined ? '' : `${state.failures} of ${restarts} restarts are used up. `;
    const ago =
      state?.sinceWallMs === undefined
        ? ''
        : formatDuration(Math.max(0, document.atWallMs - state.sinceWallMs));
    return [name, stateText(state, colour), ago, `${used}${state?.reason ?? ''}`];
  });
  const head = ['JOB', 'STATE', 'FOR', 'WHY'].map((title) => colour.dim(title));
  return `Jobs after the take-over, on ${primary.name}:\n${plainTable(head, rows, width)}`;
}
