import { presentValue } from '@hamn/core';
import { findProblems } from '../problems/find-problems.ts';
import type {
  FencingStatus,
  PrimaryStatus,
  ReplicationStatus,
  StatusDocument,
  TermStatus,
  VipStatus,
} from '../status.ts';
import { isDegraded } from './degraded.ts';
import { nodeStatus } from './node.ts';
import { preparedFailover } from './prepared.ts';
import { holdersOf, type StatusInput, type ViewFacts, viewFacts } from './view-facts.ts';

/**
 * The status as the group's keys tell it: all that there is without hamnd, and the ground on which hamnd puts what only it knows
 * (the time that the term has left, its own problems).
 */
export function buildStatusFromGroup(input: StatusInput): StatusDocument {
  const facts = viewFacts(input);
  const { view, settings } = input;
  return {
    schema: 1,
    cluster: input.cluster,
    group: input.group,
    atWallMs: input.atWallMs,
    node: input.node,
    source: input.source,
    missing: input.missing ?? [],
    primary: primaryOf(facts),
    term: termOf(facts),
    failover: settings?.failover,
    paused: presentValue(view.pause),
    scheduled: presentValue(view.schedule),
    maintenance: maintenanceIn(input),
    replication: replicationOf(facts),
    fencing: fencingOf(facts),
    nodes: facts.names.map((name) => nodeStatus(facts, name)),
    vips: vipsOf(facts),
    request: presentValue(view.request),
    lastRequest: presentValue(view.outcome),
    lastFailover: input.history?.at(-1),
    prepared: preparedFailover(facts),
    problems: findProblems(facts),
  };
}

/** Undefined when there is none: most of the time. */
function maintenanceIn({ view, atWallMs }: StatusInput): StatusDocument['maintenance'] {
  const values = [...view.maintenance.values()].flatMap((entry) => presentValue(entry) ?? []);
  const now = values.filter((value) => value.untilWallMs > atWallMs);
  return now.length === 0 ? undefined : now;
}

function primaryOf(facts: ViewFacts): PrimaryStatus | undefined {
  if (facts.holder === undefined) return undefined;
  return {
    node: facts.holder,
    token: facts.token,
    sinceWallMs: facts.history?.find((entry) => entry.token === facts.token)?.atWallMs,
    heardOf: facts.holderHeardOf,
  };
}

function termOf({ leader, token }: ViewFacts): TermStatus | undefined {
  if (leader === undefined) return undefined;
  if (leader.kind === 'held') return { kind: 'held', node: leader.holder, token, termMs: leader.termMs };
  return { kind: 'released', node: leader.by, to: leader.to, token, termMs: leader.termMs };
}

function replicationOf(facts: ViewFacts): ReplicationStatus | undefined {
  const mode = facts.settings?.postgres?.mode;
  if (mode === undefined || facts.unread) return undefined;
  const synchronous = facts.state?.synchronous ?? [];
  const quorum = facts.state?.quorum;
  return { mode, synchronous, ...(quorum === undefined ? {} : { quorum }), degraded: isDegraded(facts) };
}

/** A node that was fenced by hand has an entry, too. */
function fencingOf({ settings, view }: ViewFacts): FencingStatus | undefined {
  const last = [...view.fencing.values()]
    .flatMap((entry) => presentValue(entry) ?? [])
    .sort((a, b) => b.atWallMs - a.atWallMs);
  const mode = settings?.fencing?.mode ?? (last.length > 0 ? 'manual' : undefined);
  return mode === undefined ? undefined : { mode, last };
}

function vipsOf(facts: ViewFacts): readonly VipStatus[] {
  if (facts.unread) return [];
  const settings = facts.settings?.vips ?? [];
  return settings.map((vip) => ({
    address: `${vip.address}/${vip.prefixLength}`,
    interface: vip.interface,
    holder: holdersOf(facts, vip.address)[0],
  }));
}
