import type { Span } from '../../client/analyse.ts';
import type { RowRecord } from '../../client/log.ts';
import { holdingsOf } from '../check/vip.ts';
import type { RunLog } from '../run-log.ts';
import type { WatchRecord } from '../watch/watch-log.ts';

export interface NodeLane {
  readonly node: string;
  /** Powered on. */
  readonly on: readonly Span[];
  /** The guard permitted a primary here. */
  readonly term: readonly Span[];
  /** The kernel had the IPv4 VIP. */
  readonly vip: readonly Span[];
  readonly faults: readonly (Span & { readonly round: number; readonly text: string })[];
  /** Acknowledged rows by second of the run. */
  readonly acks: readonly number[];
}

/** A whole run, laid over one clock: milliseconds since its beginning. */
export interface Timeline {
  readonly seed: number;
  readonly lengthMs: number;
  readonly lanes: readonly NodeLane[];
  /** A majority of etcd's members answered. */
  readonly quorum: readonly Span[];
  readonly rounds: readonly {
    readonly round: number;
    readonly cast: string;
    readonly fromMs: number;
    readonly healedMs: number;
    readonly healthyMs: number | undefined;
  }[];
  readonly notes: readonly { readonly atMs: number; readonly text: string }[];
  readonly violations: readonly string[];
}

export interface Seen {
  readonly nodes: readonly string[];
  readonly vip: string;
  readonly watched: readonly WatchRecord[];
  readonly acked: readonly RowRecord[];
}

export function timelineOf(log: RunLog, seen: Seen): Timeline {
  const from = log.beganMs;
  const lastMs = seen.watched.at(-1)?.atMs ?? from;
  const shift = (span: Span): Span => ({ fromMs: Math.max(0, span.fromMs - from), toMs: span.toMs - from });
  const within = (spans: readonly Span[]): readonly Span[] =>
    spans.map(shift).filter((span) => span.toMs >= 0);
  const lengthMs = Math.max(0, lastMs - from);
  const places = nodesOfServers(seen.acked);
  const holdings = holdingsOf(seen.watched);
  return {
    seed: log.seed,
    lengthMs,
    lanes: seen.nodes.map((node) => ({
      node,
      on: within(kernelSpans(seen.watched, node, (record) => record.on)),
      term: within(kernelSpans(seen.watched, node, (record) => record.armed)),
      vip: within(holdings.filter((each) => each.node === node && each.address === seen.vip)),
      faults: log.faults
        .filter((fault) => fault.node === node)
        .map(({ beganMs, endedMs, round, text }) => ({
          ...shift({ fromMs: beganMs, toMs: endedMs }),
          round,
          text,
        })),
      acks: perSecond(
        seen.acked.filter((row) => places.get(row.postmaster) === node).map((row) => row.doneMs - from),
        lengthMs,
      ),
    })),
    quorum: within(quorumSpans(seen.watched, seen.nodes.length)),
    rounds: log.rounds.map(({ round, cast, beganMs, healedMs, healthyMs }) => ({
      round,
      cast,
      fromMs: beganMs - from,
      healedMs: healedMs - from,
      healthyMs: healthyMs === undefined ? undefined : healthyMs - from,
    })),
    notes: log.notes.map((note) => ({ atMs: note.atMs - from, text: note.text })),
    violations: log.violations.map((violation) => `${violation.kind}: ${violation.text}`),
  };
}

/** Where each server is: the writer beside a node knows; what only the VIP's writer saw is where ARP led it. */
export function nodesOfServers(acked: readonly RowRecord[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const row of acked)
    if (row.writer.startsWith('beside-') || !places.has(row.postmaster)) places.set(row.postmaster, row.node);
  return places;
}

type Kernel = Extract<WatchRecord, { readonly event: 'kernel' }>;

function kernelSpans(
  watched: readonly WatchRecord[],
  node: string,
  holds: (record: Kernel) => boolean,
): readonly Span[] {
  const own = watched.filter((record): record is Kernel => record.event === 'kernel' && record.node === node);
  return spansOf(
    own.map((record) => ({ atMs: record.atMs, holds: holds(record) })),
    watched.at(-1)?.atMs ?? 0,
  );
}

function quorumSpans(watched: readonly WatchRecord[], members: number): readonly Span[] {
  const asked = watched.filter((record) => record.event === 'etcd');
  return spansOf(
    // A member answers only with a quorum behind it, so one that is reached is enough.
    asked.map((record) => ({ atMs: record.atMs, holds: members > 0 && record.healthy.length > 0 })),
    watched.at(-1)?.atMs ?? 0,
  );
}

/** What changes at some instants, as the times in which it holds. */
export function spansOf(
  changes: readonly { readonly atMs: number; readonly holds: boolean }[],
  endMs: number,
): readonly Span[] {
  const spans: Span[] = [];
  let since: number | undefined;
  for (const { atMs, holds } of changes) {
    if (holds) since ??= atMs;
    else if (since !== undefined) {
      spans.push({ fromMs: since, toMs: atMs });
      since = undefined;
    }
  }
  return since === undefined ? spans : [...spans, { fromMs: since, toMs: Math.max(since, endMs) }];
}

function perSecond(instants: readonly number[], lengthMs: number): readonly number[] {
  const counts = Array.from({ length: Math.ceil(lengthMs / 1000) }, () => 0);
  for (const at of instants) {
    const second = Math.floor(at / 1000);
    if (second >= 0 && second < counts.length) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}
