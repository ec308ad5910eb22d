import { after, type NodeId } from '../../brands.ts';
import {
  type Claim,
  claimOf,
  claimText,
  implies,
  quorumOf,
  reached,
  sameClaim,
  strongest,
  withRecord,
} from '../../claim.ts';
import { parseLsn } from '../../lsn.ts';
import { type Facts, isBusy, sameNames } from '../facts.ts';
import type { Intention } from '../intention.ts';
import type { Memory } from '../memory.ts';
import type { Match, Rule } from '../rule.ts';
import { type SyncFacts, syncFacts, unsteadyMs } from '../sync-facts.ts';
import { recent } from '../tries.ts';

/**
 * The synchronous set. Order is everything: at every instant what PostgreSQL enforces implies the record. So a record that the present one implies is written
 * first, and PostgreSQL follows only after a definite answer; a stronger one is enforced by PostgreSQL first, proven, and recorded only when enough of its members
 * have flushed the LSN that was taken after that.
 */

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
  return { because, memory: { awaySince: Object.fromEntries(since), wentAway: alsoAway(facts, sync) } };
}

function alsoAway(facts: Facts, sync: SyncFacts): Memory['wentAway'] {
  const { awaySince, wentAway } = facts.memory;
  const { now } = facts.seen;
  const fresh = sync.missing.filter((node) => awaySince[node] === undefined);
  const added = fresh.map((node) => [node, [...recent(wentAway[node], now, unsteadyMs), now]] as const);
  return { ...wentAway, ...Object.fromEntries(added) };
}

function shrinkRecord(facts: Facts): Match | undefined {
  const sync = syncFacts(facts);
  const { hold, seen } = facts;
  if (hold?.state === undefined || sync?.step.kind !== 'weaken') return undefined;
  const reason = whyWeaker(facts, sync.recorded, sync.step.to);
  const next = withRecord(hold.state, seen.me, sync.step.to);
  return { because: reason, intentions: [{ kind: 'write-state', token: hold.token, next, reason }] };
}

function whyWeaker({ pgSettings }: Facts, recorded: Claim, to: Claim): string {
  const drop = recorded.members.filter((node) => !to.members.includes(node));
  const sentences =
    drop.length === 0
      ? []
      : [
          `${drop.join(', ')} is taken out of the synchronous set: it is silent, does not stream, streams by fits and starts, is in maintenance, or is not wanted.`,
        ];
  if (to.count === 0 && pgSettings?.mode !== 'asynchronous')
    sentences.push('The primary goes on alone: degraded.');
  if (quorumOf(to) !== undefined)
    sentences.push(`It is recorded that each write is on ${to.count} of ${to.members.join(', ')}.`);
  return sentences.join(' ');
}

/** What PostgreSQL is to enforce now; undefined: it is left as it is. Whatever is answered implies the record. */
function wantedNames(facts: Facts, sync: SyncFacts): Claim | undefined {
  const { recorded, enforced, configured, step } = sync;
  if (step.kind === 'strengthen') return step.to;
  // The record is about to change: only what it says now must be enforced.
  if (step.kind === 'weaken')
    return implies(enforced, recorded) && implies(configured, recorded) ? undefined : recorded;
  // Strict never has empty names: better to wait for nobody in particular than to acknowledge alone.
  if (facts.pgSettings?.mode === 'strict' && recorded.count === 0) return strongest(configured, enforced);
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
  const whom = `${quorum === undefined ? '' : `${quorum} of `}${wanted.members.join(', ')}`;
  const reason =
    wanted.count === 0 ? 'No standby is waited for any more.' : `Every commit waits for ${whom}.`;
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

function growRecord(facts: Facts): Match | undefined {
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
    const behind = sync.step.to.members.filter(
      (node) => !passed.includes(node) && !sync.recorded.members.includes(node),
    );
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
  const dropped = recorded.members.filter((node) => !next.members.includes(node));
  const without = dropped.length === 0 ? '' : ` ${dropped.join(', ')} is not counted on any more.`;
  if (quorumOf(next) !== undefined)
    return `Every commit waits for ${next.count} of ${next.members.join(', ')}, and so many have everything up to ${lsn}: this is recorded.${without}`;
  const who = (quorumOf(recorded) === undefined ? added : next.members).join(', ');
  return `${who} has everything up to ${lsn} and every commit waits for it: it is recorded as synchronous.${without}`;
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
    when: shrinkRecord,
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
    because:
      'A record that claims more is written once every commit waits so and enough standbys have everything.',
    when: growRecord,
  },
];
