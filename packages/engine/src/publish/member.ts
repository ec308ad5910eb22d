import {
  type Candidacy,
  describeRecovery,
  detachedOf,
  explainCandidate,
  type Facts,
  factsOf,
  formatLsn,
  type GuardAct,
  isWritable,
  judgeCandidacy,
  judgeRejoin,
  type MemberPostgres,
  type MemberRule,
  type MemberValue,
  type Memory,
  type NodeRole,
  type Observation,
  type PostgresData,
  type PostgresServer,
  type PostgresView,
  postgresProblems,
  type ResourcePlan,
  type Step,
  seenAsAnother,
  tokenOfTimeline,
  whyNotArmed,
} from '@hamn/core';
import { fencingProblems } from './fencing-problems.ts';
import { describeResources, resourceProblems } from './member-resources.ts';
import { stillMatters } from './stale-failure.ts';

export interface NodeIdentity {
  readonly version: string;
  readonly bootId: string;
  /** The public halves of its keys for the transfer of files, once they are made. */
  readonly syncKeys?: () => MemberValue['sync'];
}

/** What this node tells the others and its admin of itself. */
export function describeMember(
  seen: Observation,
  memory: Memory,
  trace: readonly Step[],
  identity: NodeIdentity,
  moreProblems: readonly string[],
  plan: ResourcePlan | undefined,
): MemberValue {
  const facts = factsOf(seen, memory);
  const candidacy = candidacyOf(facts);
  const problems = [...problemsOf(facts, plan), ...moreProblems];
  const roleStep = trace.find((step) => step.band !== 'upkeep');
  const config = facts.group?.config;
  return {
    node: seen.me,
    version: identity.version,
    bootId: identity.bootId,
    address: facts.self?.address ?? '',
    role: roleOf(facts),
    doing: roleStep?.because ?? 'Nothing was decided yet.',
    healthy: problems.length === 0,
    problems,
    priority: facts.self?.priority ?? 0,
    configRevision: config?.kind === 'present' ? Number(config.mod) : undefined,
    postgres: describePostgres(facts),
    vips: (facts.vips ?? []).filter((vip) => vip.present).map((vip) => vip.address),
    services: describeResources(facts, plan),
    candidacy: {
      eligible: candidacy.eligible,
      reasons: candidacy.eligible ? explainCandidate(facts) : candidacy.reasons,
    },
    ...(trace.some(({ rule }) => rule === 'prepared') ? { waitsForAdmin: true } : {}),
    detached: detachedOf(facts),
    sync: identity.syncKeys?.(),
    rules: shortened(trace),
  };
}

const mostRules = 12;
const longestBecause = 200;

/** The trace as it fits into a key that is written every other second. */
const shortened = (trace: readonly Step[]): readonly MemberRule[] =>
  trace.slice(0, mostRules).map(({ rule, band, because }) => ({
    rule,
    band,
    because: because.length <= longestBecause ? because : `${because.slice(0, longestBecause - 1)}…`,
  }));

function candidacyOf(facts: Facts): Candidacy {
  if (facts.hold !== undefined) return { eligible: false, reasons: ['It is primary.'] };
  return judgeCandidacy(facts);
}

function roleOf(facts: Facts): NodeRole {
  if (facts.self?.role === 'witness') return 'witness';
  if (facts.hold !== undefined) return 'primary';
  return facts.group === undefined || facts.seen.term.phase !== 'candidate' ? 'starting' : 'standby';
}

function describePostgres(facts: Facts): MemberPostgres | undefined {
  if (facts.pgSettings === undefined || facts.self?.role === 'witness') return undefined;
  const { postgres, server } = facts;
  if (postgres === undefined || server === undefined) return { state: 'unknown' };
  const pending = postgres.statistics?.restartPending ?? [];
  const kept = (postgres.diverged ?? []).map(({ summary }) => summary);
  return {
    ...describeServer(facts, postgres, server),
    ...(pending.length === 0 ? {} : { restartPending: pending }),
    ...(postgres.copy === undefined ? {} : { copy: postgres.copy }),
    ...(kept.length === 0 ? {} : { diverged: kept }),
  };
}

function describeServer(facts: Facts, postgres: PostgresView, server: PostgresServer): MemberPostgres {
  if (server.kind === 'up') {
    return {
      state: server.inRecovery ? 'standby' : 'primary',
      timeline: server.timeline,
      lsn: formatLsn(server.flushedLsn),
      replayedLsn: server.replayedLsn === undefined ? undefined : formatLsn(server.replayedLsn),
      systemId: server.systemId,
      streaming: server.streaming,
      software: postgres.software,
      upstream: server.inRecovery ? postgres.configured.upstream : undefined,
      lineToken: tokenOfTimeline(facts.seen.local, server.timeline),
    };
  }
  const { data, software } = postgres;
  if (data.kind !== 'present') return { state: stateWithoutData(data), software };
  return {
    state: stateOf(postgres, server),
    timeline: data.timeline,
    lsn: formatLsn(data.lsn),
    systemId: data.systemId,
    software,
    recovery: postgres.recovery === undefined ? undefined : describeRecovery(postgres.recovery),
  };
}

function stateOf(postgres: PostgresView, server: PostgresServer): string {
  if (isWritable(postgres)) return 'primary';
  if (server.kind !== 'rejecting') return server.kind;
  return server.cause === 'connections' ? 'standby' : 'starting';
}

function stateWithoutData(data: Exclude<PostgresData, { kind: 'present' }>): string {
  switch (data.kind) {
    case 'absent':
      return 'no database';
    case 'incomplete':
      return `${data.by} incomplete`;
    case 'damaged':
      return 'damaged';
  }
}

const notHarmless = (act: GuardAct | undefined): string =>
  `hamn-guard could not make this node harmless${act === undefined ? '' : `: ${act.reason}`} See journalctl -u hamn-guard.`;

/** In plain words, with the remedy where there is one. */
function problemsOf(facts: Facts, plan: ResourcePlan | undefined): readonly string[] {
  const { seen, hold, server } = facts;
  const another = hold === undefined ? seenAsAnother(facts) : undefined;
  const problems: string[] = [seen.term.alarm ?? [], another ?? []].flat();
  if (facts.self?.role === 'witness') return problems;
  if (!seen.ports.guard.known)
    problems.push(
      `hamn-guard does not answer (${seen.ports.guard.reason}); see systemctl status hamn-guard.`,
    );
  else if (seen.ports.guard.value.state === 'failed')
    problems.push(notHarmless(seen.ports.guard.value.lastAct));
  const unarmed = whyNotArmed(facts.guard?.watchdog, seen.settings.timings.termMs);
  if (unarmed !== undefined) problems.push(`This node cannot become primary: ${unarmed}`);
  if (facts.pgSettings !== undefined && seen.ports.postgres?.known === false)
    problems.push(`PostgreSQL: ${seen.ports.postgres.reason}`);
  problems.push(...(facts.postgres?.problems ?? []));
  if (hold === undefined && server?.kind === 'down' && !seen.inFlight.has('postgres.role')) {
    const rejoin = judgeRejoin(facts);
    if (rejoin.way === 'refuse') problems.push(rejoin.because);
  }
  problems.push(...postgresProblems(facts));
  for (const finished of seen.finished.values()) {
    if (
      !finished.ok &&
      isLasting(finished.key) &&
      !seen.inFlight.has(finished.key) &&
      stillMatters(facts, finished)
    )
      problems.push(finished.message);
  }
  for (const vip of seen.settings.vips) problems.push(...vipProblems(facts, vip.address));
  problems.push(...resourceProblems(facts, plan), ...fencingProblems(facts));
  if (hold !== undefined) problems.push(...holderProblems(facts));
  return [...new Set(problems)];
}

const isLasting = (key: string): boolean => /^(postgres\.|unit|crontab)/.test(key);

function vipProblems(facts: Facts, address: string): readonly string[] {
  const view = facts.vips?.find((vip) => vip.address === address);
  const probe = facts.seen.finished.get(`vip.probe ${address}`);
  const added = facts.seen.finished.get(`vip ${address}`);
  const holds = facts.hold !== undefined;
  const isHere = view?.present === true;
  const problems: string[] = [];
  // What was tried says more than the look: which interfaces there are, and the remedy.
  const failed = [probe, added].filter((last) => holds && !isHere && last !== undefined && !last.ok);
  for (const last of failed) {
    const message = last?.message ?? '';
    problems.push(message.includes(address) ? message : `The VIP ${address}: ${message}`);
  }
  if (failed.length === 0 && view !== undefined && !view.linkUp)
    problems.push(`The interface ${view.interface} of the VIP ${address} is missing or has no link.`);
  if (holds && view !== undefined && !isHere && probe?.code === 'duplicate') {
    problems.push(
      `Another host (${String(probe.data['mac'])}) answers for the VIP ${address}; it is not taken until that stops. Find that host and take the address from it.`,
    );
  }
  return problems;
}

function holderProblems(facts: Facts): readonly string[] {
  const problems: string[] = [];
  const { hold, pgSettings, server } = facts;
  if (
    (pgSettings?.mode === 'synchronous' || pgSettings?.mode === 'quorum') &&
    hold?.state !== undefined &&
    hold.state.synchronous.length < 2 &&
    server?.kind === 'up' &&
    !server.inRecovery
  ) {
    problems.push('Degraded: no standby is synchronous now; losing this node may lose acknowledged writes.');
  }
  if (
    pgSettings?.mode === 'strict' &&
    server?.kind === 'up' &&
    !server.inRecovery &&
    !server.standbys.some(({ node, state }) => state === 'streaming' && server.waitsFor.includes(node))
  ) {
    problems.push(
      'Degraded: no standby is synchronous now, and mode strict acknowledges nothing without one.',
    );
  }
  return problems;
}
