import { after, later } from '../../brands.ts';
import { type Facts, isBusy, isCandidate } from '../facts.ts';
import type { Detaching } from '../memory.ts';
import { againstQuorum, quorumRecord } from '../quorum.ts';
import type { Match, Rule } from '../rule.ts';
import { againstUnattended } from './unattended.ts';

const retryMs = 500;

/** Whether this standby's own wait for the holder is over, and somebody may want to take the term by what it says. */
function isToDetach(facts: Facts): boolean {
  const { seen, leader, request, memory } = facts;
  if (!isCandidate(facts) || quorumRecord(facts) === undefined || memory.leaving !== undefined) return false;
  // Its holder was verified to be harmless; the hand-over goes on whatever is set.
  if (leader?.kind === 'released') return true;
  const isFenced = seen.verdict.may && seen.verdict.why === 'fenced';
  // Counted as for a take by time, whatever speaks against this node itself: others may need its word.
  const isSilent = seen.now >= later(seen.term.waitUntil, seen.term.promisedUntil);
  const isOver = seen.term.alarm === undefined && (isFenced || isSilent);
  return isOver && (request?.kind === 'failover' || againstUnattended(facts) === undefined);
}

function detach(facts: Facts): Match | undefined {
  const { seen, server, memory } = facts;
  const sign = seen.term.seen;
  if (sign === undefined || server?.kind !== 'up' || !server.inRecovery || !isToDetach(facts))
    return undefined;
  const { leader, heartbeat } = sign;
  const before = memory.detached;
  const known = before?.leader === leader && before.heartbeat === heartbeat ? before : undefined;
  const unheard = againstQuorum(facts);
  const because = `The primary is gone: this standby receives nothing more and says how far it is.${unheard === undefined ? '' : ` ${unheard}`}`;
  if (known?.end !== undefined || isBusy(facts, 'postgres.role')) return { because };
  const last = seen.finished.get('postgres.role');
  const tried = known !== undefined && last !== undefined && last.begunAt >= known.since ? last : undefined;
  if (known !== undefined && tried?.ok === true && tried.code === 'detached') {
    const end = { timeline: server.timeline, lsn: String(tried.data['lsn']) };
    return { because, memory: { detached: { ...known, end } } };
  }
  if (tried !== undefined && !tried.ok && seen.now < after(tried.at, retryMs))
    return { because: `${because} The last try failed: ${tried.message}` };
  const begun: Detaching = { leader, heartbeat, since: seen.now, end: undefined };
  return { because, memory: { detached: begun }, intentions: [{ kind: 'postgres.detach', reason: because }] };
}

export const detachRule: Rule = {
  id: 'detach',
  band: 'role',
  because:
    'In mode quorum a standby stops receiving once its wait for the primary is over, so that what it says of its WAL stays true.',
  when: detach,
};
