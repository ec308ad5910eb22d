import type { NodeId } from '../brands.ts';
import { claimOf, sameClaim } from '../claim.ts';
import type { MemberValue } from '../group/values.ts';
import { presentValue } from '../group/view.ts';
import { lagBytes, parseLsn } from '../lsn.ts';
import { whySick } from '../postgres-trouble.ts';
import type { PostgresView } from '../postgres-view.ts';
import { neverLeads, neverSynchronous } from '../settings.ts';
import { whyNotArmed } from '../watchdog.ts';
import { type Facts, isBusy, preparedNames } from './facts.ts';
import { descentOf } from './line.ts';
import { maintenanceText, ownMaintenance } from './maintenance.ts';
import { staleCopies } from './role-resources.ts';
import { otherSoftware } from './software.ts';
import { configuredClaim } from './sync-facts.ts';

/** Whether this node's data may become the primary's. Who holds the term, and for how long, is not judged here. */
export interface Candidacy {
  readonly eligible: boolean;
  /** Sentences: what speaks against it; or the one that says why it is eligible. */
  readonly reasons: readonly string[];
}

export interface Allowances {
  /** An admin accepted in so many words that acknowledged writes may be lost. */
  readonly dataLoss?: boolean;
  /** The holder is off for certain, or will be before the take: then a node outside the electorate may take, too. */
  readonly outsideElectorate?: boolean;
}

export function judgeCandidacy(facts: Facts, allow: Allowances = {}): Candidacy {
  const against = [
    ...againstNode(facts, allow.outsideElectorate === true || isFenced(facts)),
    ...againstDatabase(facts, allow.dataLoss === true),
    // Its storage itself would refuse, whatever an admin accepts.
    ...staleCopies(facts),
  ];
  if (against.length > 0) return { eligible: false, reasons: against };
  return { eligible: true, reasons: ['It has all that a primary needs.'] };
}

const isFenced = ({ seen }: Facts): boolean => seen.verdict.may && seen.verdict.why === 'fenced';

function againstNode(facts: Facts, outsideElectorate: boolean): readonly string[] {
  const { self, state, seen } = facts;
  const reasons: string[] = [];
  if (self === undefined) reasons.push(`The configuration has no node ${seen.me}.`);
  if (self?.role === 'witness') reasons.push('It is a witness: it votes in etcd and is never primary.');
  if (self !== undefined && neverLeads(self))
    reasons.push(
      self.nofailover === true
        ? 'It is set never to lead (nofailover).'
        : 'Its priority is 0: it never leads.',
    );
  if (state === undefined) reasons.push('The group’s state cannot be read.');
  else if (self?.role !== 'witness' && !outsideElectorate && !state.electorate.includes(seen.me)) {
    reasons.push('It is not in the electorate; the primary adds it once it has promised.');
  }
  if (facts.guard === undefined && self?.role !== 'witness')
    reasons.push('hamn-guard does not answer on it.');
  const maintenance = ownMaintenance(facts);
  if (maintenance !== undefined) reasons.push(maintenanceText(maintenance));
  const unarmed = whyNotArmed(facts.guard?.watchdog, seen.settings.timings.termMs);
  if (unarmed !== undefined) reasons.push(unarmed);
  return reasons;
}

function againstDatabase(facts: Facts, allowDataLoss: boolean): readonly string[] {
  const { pgSettings, postgres, server, state, self, seen } = facts;
  if (pgSettings === undefined || self?.role === 'witness') return [];
  if (postgres === undefined || server === undefined) return ['PostgreSQL cannot be observed on it.'];
  if (isBusy(facts, 'postgres.role')) return ['PostgreSQL is being changed on it.'];
  if (server.kind === 'down') return ['PostgreSQL does not run on it.'];
  if (server.kind !== 'up') return [`PostgreSQL takes no sessions on it: ${server.reason}`];
  if (!server.inRecovery) return ['PostgreSQL on it is not a standby.'];
  const reasons: string[] = [];
  if (state?.systemId !== undefined && state.systemId !== server.systemId) {
    reasons.push(
      `Its database is another one (system identifier ${server.systemId}, the group’s is ${state.systemId}).`,
    );
  }
  reasons.push(...againstServer(facts, postgres));
  const prepared = preparedNames(facts);
  if (!sameClaim(configuredClaim(postgres), claimOf(prepared))) {
    reasons.push('Its synchronous_standby_names are not prepared for a take-over yet.');
  }
  if (allowDataLoss) return reasons;
  const last = state?.promotions.at(-1);
  // A promotion that was never recorded: nobody has held the term since.
  const own = (facts.leader?.kind === 'held' ? facts.leader.holder : facts.leader?.by) === seen.me;
  if (last !== undefined && server.timeline !== last.timeline && !(own && server.timeline > last.timeline)) {
    reasons.push(`It is on timeline ${server.timeline}; the group is on ${last.timeline}.`);
  }
  return [...reasons, ...againstLag(facts, pgSettings.mode, pgSettings.maxLagBytes)];
}

/** Its own machine would not let it be a primary for long, or at all. */
function againstServer(facts: Facts, postgres: PostgresView): readonly string[] {
  const low = (postgres.tooLow ?? []).map(
    ({ name, own, needed }) =>
      `Its ${name} is ${own} and the primary’s is ${needed}: PostgreSQL would not finish the promotion.`,
  );
  const other = otherSoftware(facts);
  return [
    ...low,
    ...(other === undefined ? [] : [other]),
    ...(postgres.storage ?? []).map(whySick).filter((why) => why !== undefined),
  ];
}

function againstLag(facts: Facts, mode: string, maxLagBytes: number): readonly string[] {
  const { state, server, seen } = facts;
  if (server?.kind !== 'up') return [];
  // More than the holder in the record: it works by a mode in which commits wait, whatever this node's settings still say.
  const waits = mode !== 'asynchronous' || (state?.synchronous.length ?? 0) > 1;
  if (waits) {
    if (state?.synchronous.includes(seen.me) === true) return [];
    const { self } = facts;
    return [
      self !== undefined && neverSynchronous(self)
        ? `No commit waits for it (${self.nosync === true ? 'nosync' : 'replicatefrom'}), so it may lack acknowledged writes.`
        : 'It is not in the synchronous set, so it may lack acknowledged writes.',
    ];
  }
  return [...againstLine(facts), ...againstDistance(facts, maxLagBytes)];
}

/** Where no record says whose data is good, the number of a timeline is not enough: two terms can have made it. */
function againstLine({ state, server, seen }: Facts): readonly string[] {
  const last = state?.promotions.at(-1);
  if (last === undefined || server?.kind !== 'up' || server.timeline !== last.timeline) return [];
  switch (descentOf(seen.local, server.timeline, last)) {
    case 'same':
      return [];
    case 'other':
      return [
        `Its timeline ${server.timeline} was made in another term than ${last.node}’s of the same number: its data has diverged and is cloned from the next primary.`,
      ];
    case 'unknown':
      return [
        `It is not known whether its timeline ${server.timeline} is the one that ${last.node} made: it has not streamed from the primary since.`,
      ];
  }
}

function againstDistance(facts: Facts, maxLagBytes: number): readonly string[] {
  const { server } = facts;
  if (server?.kind !== 'up') return [];
  const beat = facts.group === undefined ? undefined : presentValue(facts.group.heartbeat);
  const ahead = beat?.lsn === undefined ? undefined : parseLsn(beat.lsn);
  if (ahead === undefined || !ahead.ok) return [];
  const lag = lagBytes(ahead.value, server.flushedLsn);
  if (lag <= maxLagBytes) return [];
  return [
    `It is ${lag} bytes behind the primary’s last sign; the limit is ${maxLagBytes} (hamnctl failover --allow-data-loss overrides it).`,
  ];
}

/** A node that says that it is eligible and has more data, a higher priority, or the smaller name. */
export function betterCandidate(facts: Facts): NodeId | undefined {
  const { group, seen, self, server } = facts;
  if (group === undefined) return undefined;
  const mine = {
    lsn: server?.kind === 'up' ? BigInt(server.flushedLsn) : 0n,
    priority: self?.priority ?? 0,
    name: seen.me,
  };
  for (const [name, entry] of group.members) {
    const member = presentValue(entry);
    if (name === seen.me || member?.candidacy?.eligible !== true) continue;
    if (isBetter(rankOf(name, member), mine)) return name;
  }
  return undefined;
}

interface Rank {
  readonly lsn: bigint;
  readonly priority: number;
  readonly name: NodeId;
}

function rankOf(name: NodeId, member: MemberValue): Rank {
  const at = parseLsn(member.postgres?.lsn ?? '0/0');
  return { lsn: at.ok ? at.value : 0n, priority: member.priority ?? 0, name };
}

function isBetter(a: Rank, b: Rank): boolean {
  if (a.lsn !== b.lsn) return a.lsn > b.lsn;
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.name < b.name;
}

/** The other nodes that could become primary now, by their own word and the holder's knowledge of them, the best first. */
export function successors(facts: Facts): readonly NodeId[] {
  const { group, hold, pgSettings, seen } = facts;
  if (group === undefined) return [];
  // What this holder wrote itself: the watch may stand still.
  const state = hold?.state ?? facts.state;
  const able = [...group.members].filter(([name, entry]) => {
    const member = presentValue(entry);
    if (name === seen.me || member?.candidacy?.eligible !== true) return false;
    if (
      pgSettings !== undefined &&
      pgSettings.mode !== 'asynchronous' &&
      state?.synchronous.includes(name) !== true
    )
      return false;
    return hold?.peers.some((peer) => peer.node === name && peer.missedRounds < 2) === true;
  });
  const ranks = able.map(([name, entry]) => rankOf(name, presentValue(entry) as MemberValue));
  return ranks.sort((a, b) => (isBetter(a, b) ? -1 : 1)).map((rank) => rank.name);
}
