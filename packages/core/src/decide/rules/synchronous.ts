import { after, type NodeId } from '../../brands.ts';
import {
  alone,
  type Claim,
  claimOf,
  claimText,
  implies,
  quorumOf,
  reached,
  recordedClaim,
  sameClaim,
  strongest,
  weakest,
  withRecord,
} from '../../claim.ts';
import type { StateValue } from '../../group/values.ts';
import { parseLsn } from '../../lsn.ts';
import { neverLeads, type PostgresSettings, type ReplicationMode } from '../../settings.ts';
import type { HoldView } from '../../term/term.ts';
import { type Facts, isBusy, nodeOf, sameNames } from '../facts.ts';
import { isStuck } from '../flushes.ts';
import type { Intention } from '../intention.ts';
import type { Match, Rule } from '../rule.ts';

/**
 * The synchronous set. The record in etcd and the names in PostgreSQL are claims (see `Claim`), and at every instant the names imply the record. So a
 * record that the present one implies is written first, with a definite answer, and PostgreSQL follows; a stronger one is enforced by PostgreSQL first, proven,
 * and recorded only when enough of its members have flushed the LSN that was taken after that.
 */

/** A standby this far behind would only hold up commits. */
const nearBytes = 1_048_576n;

type Step =
  | { readonly kind: 'none' }
  /** The record first. */
  | { readonly kind: 'weaken'; readonly to: Claim }
  /** PostgreSQL first. */
  | { readonly kind: 'strengthen'; readonly to: Claim };

interface SyncFacts {
  readonly recorded: Claim;
  /** What every commit waits for now, proven. */
  readonly enforced: Claim;
  /** What the include file says. */
  readonly configured: Claim;
  readonly step: Step;
  readonly gone: readonly NodeId[];
  /** Not streaming at this moment: it may be reconnecting after a restart of the primary. */
  readonly missing: readonly NodeId[];
}

function syncFacts(facts: Facts): SyncFacts | undefined {
  const { hold, server, postgres, pgSettings, seen } = facts;
  if (hold?.state === undefined || server?.kind !== 'up' || server.inRecovery || postgres === undefined)
    return undefined;
  if (pgSettings === undefined || facts.memory.promotedToken !== hold.token) return undefined;
  const recorded = recordedClaim(hold.state, seen.me);
  const enforced = claimOf(server.waitsFor, server.waitsForAny);
  const configured = claimOf(postgres.configured.synchronous, postgres.configured.quorum);
  const named = [...new Set([...configured.members, ...enforced.members, ...recorded.members])];
  const streams = (node: NodeId): boolean =>
    server.standbys.some((s) => s.node === node && s.state === 'streaming');
  const away = (node: NodeId): boolean =>
    !streams(node) &&
    seen.now > after(facts.memory.awaySince[node] ?? seen.now, 2 * seen.settings.timings.intervalMs);
  const unfit = (node: NodeId): boolean => isUnfit(facts, hold, node);
  const gone = named.filter((node) => unfit(node) || away(node));
  const missing = named.filter((node) => node !== seen.me && !streams(node));
  const near = server.standbys.filter(
    (s) =>
      s.state === 'streaming' && s.flushedLsn !== undefined && server.flushedLsn - s.flushedLsn < nearBytes,
  );
  const ready = near.map((s) => s.node).filter((node) => node !== seen.me && !unfit(node));
  const kept = recorded.members.filter((node) => !gone.includes(node));
  const wanted = wantedClaim([...new Set([...kept, ...ready])], recorded, pgSettings);
  return { recorded, enforced, configured, gone, missing, step: stepTo(recorded, wanted, pgSettings.mode) };
}

/** Not to be waited for, whether it streams or not. */
function isUnfit(facts: Facts, hold: HoldView, name: NodeId): boolean {
  const { seen, memory, pgSettings } = facts;
  const node = nodeOf(facts, name);
  if (hold.state?.electorate.includes(name) !== true || node?.role !== 'data' || node.nosync === true)
    return true;
  // What only a node that never leads has would be lost with the primary.
  if (pgSettings?.mode === 'quorum' && neverLeads(node)) return true;
  if (hold.peers.some((peer) => peer.node === name && peer.missedRounds >= 2)) return true;
  return isStuck(memory, name, seen.settings.timings, seen.now);
}

function wantedClaim(members: readonly NodeId[], recorded: Claim, settings: PostgresSettings): Claim {
  if (settings.mode === 'asynchronous') return alone;
  if (settings.mode === 'quorum') return claimOf(members, settings.quorum ?? 1);
  // Strict: with nobody to wait for, writes stop anyway; the record stays true as it is.
  return settings.mode === 'strict' && members.length === 0 ? recorded : claimOf(members);
}

function stepTo(recorded: Claim, wanted: Claim, mode: ReplicationMode): Step {
  if (sameClaim(recorded, wanted)) return { kind: 'none' };
  if (implies(recorded, wanted)) return { kind: 'weaken', to: wanted };
  if (implies(wanted, recorded)) return { kind: 'strengthen', to: wanted };
  // Strict never waits for fewer on the way.
  return mode === 'strict'
    ? { kind: 'strengthen', to: strongest(recorded, wanted) }
    : { kind: 'weaken', to: weakest(recorded, wanted) };
}

/** Two intervals are given to a standby that reconnects: degrading at once would leave the newest writes on one node after each restart in place. */
function watchAway(facts: Facts): Match | undefined {
  const sync = syncFacts(facts);
  if (sync === undefined) return undefined;
  const known = Object.keys(facts.memory.awaySince);
  if (sameNames(known, sync.missing)) return undefined;
  const since = sync.missing.map((node) => [node, facts.memory.awaySince[node] ?? facts.seen.now] as const);
  const because =
    sync.missing.length === 0
      ? 'Every synchronous standby streams.'
      : `${sync.missing.join(', ')} does not stream at this moment.`;
  return { because, memory: { awaySince: Object.fromEntries(since) } };
}

function weakenRecord(facts: Facts): Match | undefined {
  const sync = syncFacts(facts);
  const { hold, seen, pgSettings } = facts;
  if (sync === undefined || hold?.state === undefined || pgSettings === undefined) return undefined;
  const { synchronous } = hold.state;
  const claims = pgSettings.mode !== 'asynchronous';
  const write = (reason: string, next: StateValue): Match => ({
    because: reason,
    intentions: [{ kind: 'write-state', token: hold.token, next, reason }],
  });
  if (claims && !synchronous.includes(seen.me))
    return write(
      'The mode is not asynchronous any more: from now on no standby takes over by its lag.',
      withRecord(hold.state, seen.me, alone),
    );
  if (!claims && synchronous.length > 0)
    return write('Mode asynchronous: no standby is waited for, and one may take over by its lag.', {
      ...withRecord(hold.state, seen.me, alone),
      synchronous: [],
    });
  if (sync.step.kind !== 'weaken') return undefined;
  return write(whyWeaker(sync.recorded, sync.step.to), withRecord(hold.state, seen.me, sync.step.to));
}

function whyWeaker(recorded: Claim, to: Claim): string {
  const drop = recorded.members.filter((node) => !to.members.includes(node));
  const dropped =
    drop.length === 0
      ? ''
      : `${drop.join(', ')} is taken out of the synchronous set: it is silent, does not stream, is stuck, or is not wanted.`;
  if (to.count === 0) return `${dropped} The primary goes on alone: degraded.`;
  if (quorumOf(to) === undefined) return dropped;
  return `${dropped} Each write is on at least ${to.count} of ${to.members.join(', ')}.`.trim();
}

/** What PostgreSQL is to enforce now; undefined: leave it as it is. Whatever is answered implies the record. */
function wantedNames(facts: Facts, sync: SyncFacts): Claim | undefined {
  const { recorded, enforced, configured, step } = sync;
  if (step.kind === 'strengthen') return step.to;
  const isEnforced = implies(enforced, recorded) && implies(configured, recorded);
  // The record is about to change: only what it says now must be enforced.
  if (step.kind === 'weaken') return isEnforced ? undefined : recorded;
  // Strict never has empty names: better to wait for nobody in particular than to acknowledge alone.
  if (facts.pgSettings?.mode === 'strict' && recorded.count === 0) {
    const names = configured.count > 0 ? configured : enforced;
    return names.count > 0 ? names : recorded;
  }
  return recorded;
}

function setNames(facts: Facts): Match | undefined {
  const sync = syncFacts(facts);
  if (sync === undefined) return undefined;
  const wanted = wantedNames(facts, sync);
  if (wanted === undefined || (sameClaim(wanted, sync.enforced) && sameClaim(wanted, sync.configured)))
    return undefined;
  if (isBusy(facts, 'postgres.synchronous')) return { because: 'The synchronous names are being changed.' };
  const last = facts.seen.finished.get('postgres.synchronous');
  const grows = !implies(sync.enforced, wanted);
  if (grows && last !== undefined && !last.ok && facts.seen.now < after(last.at, 1000))
    return { because: last.message };
  const quorum = quorumOf(wanted);
  const reason =
    wanted.count === 0
      ? 'No standby is waited for any more.'
      : quorum === undefined
        ? `Every commit waits for ${wanted.members.join(', ')}.`
        : `Every commit waits for ${quorum} of ${wanted.members.join(', ')}.`;
  return { because: reason, memory: { mark: undefined }, intentions: [namesIntention(wanted, reason)] };
}

export function namesIntention(claim: Claim, reason: string): Intention {
  const quorum = quorumOf(claim);
  return {
    kind: 'postgres.synchronous',
    names: claim.members,
    ...(quorum === undefined ? {} : { quorum }),
    reason,
  };
}

function strengthenRecord(facts: Facts): Match | undefined {
  const sync = syncFacts(facts);
  const { hold, server, seen, memory } = facts;
  if (sync === undefined || hold?.state === undefined || server?.kind !== 'up') return undefined;
  if (sync.step.kind !== 'strengthen' || !sameClaim(sync.enforced, sync.step.to)) return undefined;
  if (isBusy(facts, 'postgres.synchronous')) return undefined;
  const proven = seen.finished.get('postgres.synchronous');
  const names = claimText(sync.enforced);
  if (proven?.ok !== true || proven.data['names'] !== names) {
    const reason = 'It is proven again that every commit waits.';
    return {
      because: reason,
      memory: { mark: undefined },
      intentions: [namesIntention(sync.enforced, reason)],
    };
  }
  if (memory.mark?.names !== names || memory.mark.at < proven.at) return takeMark(facts, names, proven.at);
  const mark = parseLsn(memory.mark.lsn);
  if (!mark.ok) return undefined;
  const passed = server.standbys
    .filter((s) => s.flushedLsn !== undefined && s.flushedLsn >= mark.value)
    .map((s) => s.node);
  const next = provenRecord(sync.recorded, passed, sync.step.to);
  if (next === undefined) {
    const behind = sync.step.to.members.filter((node) => !passed.includes(node));
    return { because: `${behind.join(', ')} is catching up to ${memory.mark.lsn}.` };
  }
  const reason = whyStronger(sync.recorded, next, memory.mark.lsn);
  return {
    because: reason,
    intentions: [
      { kind: 'write-state', token: hold.token, next: withRecord(hold.state, seen.me, next), reason },
    ],
  };
}

/** What may be recorded of the wanted claim, which is enforced: all of it, or, where each member counts, the members that have everything. */
function provenRecord(recorded: Claim, passed: readonly NodeId[], wanted: Claim): Claim | undefined {
  if (reached(recorded, passed, wanted) >= wanted.count) return wanted;
  if (quorumOf(wanted) !== undefined) return undefined;
  const part = claimOf(
    wanted.members.filter((node) => recorded.members.includes(node) || passed.includes(node)),
  );
  const isProgress = implies(part, recorded) && !sameClaim(part, recorded);
  return isProgress && reached(recorded, passed, part) >= part.count ? part : undefined;
}

function whyStronger(recorded: Claim, next: Claim, lsn: string): string {
  const added = next.members.filter((node) => !recorded.members.includes(node));
  if (quorumOf(next) === undefined && added.length > 0)
    return `${added.join(', ')} has everything up to ${lsn} and every commit waits for it: it is recorded as synchronous.`;
  return `Every commit waits for ${next.count} of ${next.members.join(', ')}, and so many have everything up to ${lsn}: this is recorded.`;
}

function takeMark(facts: Facts, names: string, provenAt: number): Match | undefined {
  const { hold, seen } = facts;
  if (hold === undefined) return undefined;
  const taken = seen.finished.get('postgres.mark');
  const because = 'Every commit waits now; the position to pass is taken.';
  if (taken?.ok === true && taken.begunAt >= provenAt) {
    return { because, memory: { mark: { names, at: taken.at, lsn: String(taken.data['lsn']) } } };
  }
  return isBusy(facts, 'postgres.mark')
    ? { because }
    : { because, intentions: [{ kind: 'postgres.mark', token: hold.token }] };
}

export const synchronousRules: readonly Rule[] = [
  {
    id: 'sync-away',
    band: 'upkeep',
    because: 'A synchronous standby that stops streaming gets two intervals to reconnect.',
    when: watchAway,
  },
  {
    id: 'sync-shrink-record',
    band: 'upkeep',
    because: 'A record that claims less is written before PostgreSQL waits for less.',
    when: weakenRecord,
  },
  {
    id: 'sync-names',
    band: 'upkeep',
    because: 'PostgreSQL waits for what is recorded, or for what is to be recorded next.',
    when: setNames,
  },
  {
    id: 'sync-grow-record',
    band: 'upkeep',
    because: 'A record that claims more is written once every commit waits so and enough standbys have everything.',
    when: strengthenRecord,
  },
];
