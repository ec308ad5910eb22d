import { after, type Instant } from '../../brands.ts';
import { type Facts, isBusy } from '../facts.ts';
import type { Intention } from '../intention.ts';
import type { Handover, Memory } from '../memory.ts';
import type { Match } from '../rule.ts';

/** A checkpoint that was begun since then has ended, well or not: it only makes the one within the stop short. */
export function checkpointed(facts: Facts, since: Instant): boolean {
  const last = facts.seen.finished.get('postgres.checkpoint');
  return !isBusy(facts, 'postgres.checkpoint') && last !== undefined && last.begunAt >= since;
}

/** A role that cannot be filled here is given away without one: the database is down, or its storage is what is sick. */
export const mayCheckpoint = (facts: Facts, handover: Handover): boolean =>
  handover.id !== 'failover' && facts.writable && facts.server?.kind === 'up' && facts.hold !== undefined;

/** Begun by this node itself, not by an admin's request. */
const isOwn = (handover: Handover): boolean => ['failover', 'leaving', 'service'].includes(handover.id);

/** The request stood for a stated time; what has not begun to stop the database by then is not begun any more. */
export function lateRequest({ request, memory, seen }: Facts, handover: Handover): string | undefined {
  if (request?.id !== handover.id || memory.request?.id !== handover.id) return undefined;
  const lifeMs = Math.max(0, request.expiresWallMs - request.madeWallMs);
  return seen.now > after(memory.request.seenAt, lifeMs)
    ? `It was not ready within the ${lifeMs} ms that the request stood.`
    : undefined;
}

/** It did not get away: what it was given away for may move it again, but not at once. */
const retriedSoon = ({ memory, seen }: Facts, { resource }: Handover): Partial<Memory> =>
  resource === undefined
    ? {}
    : { staysUntil: { ...memory.staysUntil, [resource]: after(seen.now, takenBackRestMs) } };

const takenBackRestMs = 60_000;

/** Back to where it was: what was stopped comes up again under the same term, and that is no crash. */
export function takeBack(facts: Facts, handover: Handover, why: string): Match {
  const message = `The hand-over to ${handover.to} was taken back: ${why}`;
  const finish: readonly Intention[] = isOwn(handover)
    ? []
    : [{ kind: 'request.finish', id: handover.id, outcome: 'refused', message }];
  const isStopped = facts.pgSettings !== undefined && !facts.writable;
  return {
    because: message,
    memory: {
      handover: undefined,
      ...retriedSoon(facts, handover),
      ...(isOwn(handover) ? {} : { ended: { id: handover.id, message } }),
      ...(isStopped ? { stopped: { at: facts.seen.now, why: message } } : {}),
    },
    intentions: facts.request === undefined ? [] : finish,
  };
}
