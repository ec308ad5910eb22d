import { after } from '../../brands.ts';
import { answersAsPrimary, type Facts } from '../facts.ts';
import type { UpstreamNode } from '../intention.ts';
import { descentOf } from '../line.ts';
import type { Match } from '../rule.ts';

/** Servers that start or run and can never become the primary's copy: they are stopped to be cloned. */

/**
 * A copy takes no sessions before it has what its source had at the time. When the group went on from before that point, no upstream will ever give it. One whose replay
 * moves is waited for, however long it takes.
 */
export function neverConsistent(facts: Facts, upstream: UpstreamNode): Match | undefined {
  const { postgres, state, group } = facts;
  const last = state?.promotions.at(-1);
  if (postgres?.data.kind !== 'present' || !isStuck(facts)) return undefined;
  const isRecorded = group?.leader.kind === 'present' && last?.token === Number(group.leader.mod);
  if (!isRecorded || last.timeline <= postgres.data.timeline) return undefined;
  const reason = `Its data has not become consistent, its replay has stood still for ${facts.pgSettings?.startTimeoutMs ?? 0} ms, and the group went on to timeline ${last.timeline}: it is stopped to be cloned from ${upstream.node}.`;
  if (!answersAsPrimary(facts, upstream.node)) return { because: reason };
  return {
    because: reason,
    // A rewind wants a server that was stopped in order, or that recovers by itself.
    memory: { suspect: true, rewindFailed: true },
    intentions: [{ kind: 'postgres.stop', mode: 'immediate', reason }],
  };
}

/** For the time of a start its replay has not moved, nor has it been given another upstream meanwhile. A start that failed has waited as long. */
function isStuck({ memory, pgSettings, seen }: Facts): boolean {
  const last = seen.finished.get('postgres.role');
  const { recovery } = memory;
  if (pgSettings === undefined || recovery === undefined) return false;
  const since = last?.ok === true && last.at > recovery.movedAt ? last.at : recovery.movedAt;
  return seen.now >= after(since, pgSettings.startTimeoutMs);
}

/** PostgreSQL would stream from a timeline of the same number that is another one. */
export function onOtherLine(facts: Facts): Match | undefined {
  const { server, state, leader, group, seen } = facts;
  const last = state?.promotions.at(-1);
  if (server?.kind !== 'up' || last === undefined || group?.leader.kind !== 'present') return undefined;
  const isRecorded = leader?.kind === 'held' && last.token === Number(group.leader.mod);
  if (!isRecorded || descentOf(seen.local, server.timeline, last) !== 'other') return undefined;
  const why = `Its timeline ${server.timeline} was made in another term than ${last.node}’s of the same number`;
  // An admin may want what is here when the other one is gone for good.
  if (!answersAsPrimary(facts, leader.holder))
    return { because: `${why}; it is cloned once ${leader.holder} answers as the primary.` };
  const reason = `${why}; it is stopped to be cloned.`;
  return {
    because: reason,
    memory: { suspect: true, rewindFailed: true },
    intentions: [{ kind: 'postgres.stop', mode: 'fast', reason }],
  };
}
