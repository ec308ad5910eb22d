import type { Problem, StatusDocument } from '@hamn/api';
import { type Paint, paint } from '../../text/colour.ts';
import { copyText } from '../../text/copy.ts';
import { formatDuration, formatTime, listOf } from '../../text/quantities.ts';
import { hanging } from '../../text/wrap.ts';
import { nodeTable } from './node-table.ts';

type MaintenanceStatus = NonNullable<StatusDocument['maintenance']>[number];

export interface RenderOptions {
  readonly width: number;
  readonly color: boolean;
}

/** The status for a person: first what is wrong and what to do, then who leads, then the nodes. Fits into 80 columns. */
export function renderStatus(status: StatusDocument, options: RenderOptions): string {
  const width = Math.min(100, Math.max(60, options.width));
  const colour = paint(options.color);
  const parts = [
    ...status.missing.map((text) => colour.dim(hanging('Note: ', text, width))),
    problemLines(status.problems, width, colour),
    facts(status, width, colour),
    nodeTable(status, width, colour),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function problemLines(problems: readonly Problem[], width: number, colour: Paint): string {
  if (problems.length === 0) return colour.green('No problems.');
  return problems
    .map(({ severity, text, remedy }) => {
      const strong = severity === 'error' ? colour.red : colour.yellow;
      const mark = severity === 'error' ? 'ERROR    ' : 'WARNING  ';
      const what = strong(hanging(mark, text, width));
      return remedy === undefined ? what : `${what}\n${hanging('         ', remedy, width)}`;
    })
    .join('\n');
}

/** One line each: label, then a sentence. */
function facts(status: StatusDocument, width: number, colour: Paint): string {
  const lines: readonly (readonly [label: string, text: string | undefined])[] = [
    [`${status.cluster}/${status.group}`, leadText(status)],
    ['Term', termText(status)],
    ...status.vips.map(
      (vip) =>
        [
          'VIP',
          `${vip.address} ${vip.holder === undefined ? 'on no node' : `on ${vip.holder}`}${vip.interface === undefined ? '' : ` (${vip.interface})`}`,
        ] as const,
    ),
    ['Data', dataText(status)],
    ...copyLines(status),
    ['Fencing', fencingText(status)],
    ['etcd', etcdText(status)],
    ['Asked', askedText(status)],
    ['Scheduled', scheduledText(status)],
    ...(status.maintenance ?? []).map((value) => ['Maintenance', maintenanceText(value)] as const),
    ['Last', lastText(status)],
    ...preparedLines(status),
  ];
  const shown = lines.filter((line): line is readonly [string, string] => line[1] !== undefined);
  const labelWidth = Math.max(...shown.map(([label]) => label.length)) + 2;
  return shown
    .map(([label, text], index) => {
      const line = hanging(label.padEnd(labelWidth), text, width);
      return index === 0 ? colour.bold(line) : line;
    })
    .join('\n');
}

function leadText({ primary, failover, paused }: StatusDocument): string {
  const mode = paused !== undefined ? 'paused' : failover === undefined ? '' : `failover ${failover}`;
  const tail = mode === '' ? '' : `; ${mode}`;
  if (primary === undefined) return `no primary${tail}`;
  const since = primary.sinceWallMs === undefined ? '' : ` since ${formatTime(primary.sinceWallMs)}`;
  const lost = primary.heardOf ? '' : ', NOT HEARD OF';
  return `${primary.node} is primary${lost}${since}${tail}`;
}

function termText({ term }: StatusDocument): string | undefined {
  if (term === undefined) return 'none';
  const whole = formatDuration(term.termMs);
  const whose = `token ${term.token}, T ${whole}`;
  if (term.kind === 'released') return `released by ${term.node} to ${term.to ?? 'anybody'} (${whose})`;
  const via = [
    ...(term.viaEtcd === true ? ['etcd'] : []),
    ...(term.viaPromises === true ? ['promises'] : []),
  ];
  const carried =
    term.viaEtcd === undefined && term.viaPromises === undefined
      ? ''
      : `, via ${via.length === 0 ? 'NOTHING now' : listOf(via)}`;
  if (term.remainingMs === undefined) return `held by ${term.node}${carried} (${whose})`;
  const left = formatDuration(Math.max(0, term.remainingMs));
  return `held by ${term.node}, ${left} of ${whole} left${carried} (token ${term.token})`;
}

function dataText({ replication, primary }: StatusDocument): string | undefined {
  if (replication === undefined) return undefined;
  const { mode, synchronous, quorum, degraded } = replication;
  const others = synchronous.filter((node) => node !== primary?.node);
  if (mode === 'asynchronous') return 'asynchronous: the newest writes may be on the primary alone';
  if (degraded && (mode !== 'quorum' || others.length === 0))
    return `${mode}, DEGRADED: only ${primary?.node ?? 'the primary'} has the newest writes`;
  const how = degraded ? `${mode}, DEGRADED` : mode;
  if (quorum !== undefined)
    return `${how}: ${primary?.node ?? 'the primary'} and ${quorum} of ${listOf(others)} have every acknowledged write`;
  return `${how}: ${listOf(synchronous)} ${synchronous.length === 2 ? 'both' : 'all'} have every acknowledged write`;
}

/** What is being copied or replayed, and what was set aside before something was. */
const copyLines = ({ nodes }: StatusDocument): readonly (readonly [string, string])[] =>
  nodes.flatMap(({ name, postgres }) => [
    ...(postgres?.copy === undefined ? [] : [['Copy', `${name}: ${copyText(postgres.copy)}`] as const]),
    ...(postgres?.recovery === undefined ? [] : [['Recovery', `${name}: ${postgres.recovery}`] as const]),
    ...(postgres?.diverged ?? []).map((text) => ['Kept', `${name}: ${text}`] as const),
  ]);

function fencingText({ fencing }: StatusDocument): string | undefined {
  if (fencing === undefined) return undefined;
  const [last] = fencing.last;
  if (last === undefined) return fencing.mode;
  const at = formatTime(last.atWallMs);
  const how = {
    begun: `${last.by} is fencing ${last.target} since ${at}: ${last.message}`,
    confirmed: `${last.target} was confirmed to be off, ${at}: ${last.message}`,
    failed: `${last.by} could NOT fence ${last.target}, ${at}: ${last.message}`,
  }[last.stage];
  return `${fencing.mode}; ${how}`;
}

function etcdText({ etcd }: StatusDocument): string | undefined {
  if (etcd === undefined) return undefined;
  if (!etcd.reachable) return 'NOT REACHABLE from the node that answers';
  const leader = etcd.leader === undefined ? '' : `, led from ${etcd.leader}`;
  const sick = (etcd.members ?? []).filter((member) => !member.healthy).map((member) => member.name);
  return `reachable${leader}${sick.length === 0 ? '' : `, NOT WELL: ${listOf(sick)}`}`;
}

/** What would be done at an admin's word. */
const preparedLines = ({ prepared }: StatusDocument): readonly (readonly [string, string])[] =>
  prepared === undefined
    ? []
    : [
        ['Prepared', `failover ${prepared.from} -> ${prepared.to}, waits for \`${prepared.command}\``],
        ...prepared.steps.map((step, index) => [`  ${index + 1}.`, step] as const),
        ['  Loses', prepared.dataLoss],
      ];

function askedText({ request }: StatusDocument): string | undefined {
  if (request === undefined) return undefined;
  const of = request.kind === 'reinit' || request.kind === 'restart';
  const to = request.to === undefined ? '' : ` ${of ? 'of' : 'to'} ${request.to}`;
  return `${request.kind}${to}, by ${request.by} at ${formatTime(request.madeWallMs)}; not finished yet`;
}

function scheduledText({ scheduled }: StatusDocument): string | undefined {
  if (scheduled === undefined) return undefined;
  return `switchover to ${scheduled.to ?? 'the best candidate'} at ${formatTime(scheduled.atWallMs)}, by ${scheduled.by}; hamnctl switchover --cancel drops it`;
}

function maintenanceText({ node, by, reason, untilWallMs }: MaintenanceStatus): string {
  const why = reason === '' ? '' : ` (${reason})`;
  return `${node}: PostgreSQL is in the hands of ${by}${why} until ${formatTime(untilWallMs)}`;
}

function lastText({ lastFailover }: StatusDocument): string | undefined {
  if (lastFailover === undefined) return undefined;
  const { kind, from, node, atWallMs, why } = lastFailover;
  const way = from === undefined || from === node ? `on ${node}` : `from ${from} to ${node}`;
  return `${kind} ${way}, ${formatTime(atWallMs)}: ${why}`;
}
