import { after } from '../../brands.ts';
import { quorumOf, recordedClaim } from '../../claim.ts';
import { parseLsn } from '../../lsn.ts';
import { successors } from '../candidacy.ts';
import { type Facts, isBusy } from '../facts.ts';
import type { Intention } from '../intention.ts';
import type { Handover, Memory } from '../memory.ts';
import type { Match } from '../rule.ts';
import { checkpointed, mayCheckpoint, takeBack } from './handover-end.ts';
import { handoverLimits, prepareMs } from './handover-limits.ts';
import { narrowRecord } from './handover-record.ts';

/** How long the target may take to confirm that it has the shutdown checkpoint. */
const confirmMs = 3000;

export function stopDatabase(facts: Facts, handover: Handover, vips: readonly Intention[]): Match {
  const { seen } = facts;
  const because = `Hand-over to ${handover.to}: the database is stopped cleanly.`;
  if (isBusy(facts, 'postgres.role') || isBusy(facts, 'postgres.checkpoint')) return { because };
  const late = afterLateStop(facts, handover, because);
  if (late !== undefined) return late;
  if (seen.now > after(handover.since, prepareMs)) return takeBack(facts, handover, 'It took too long.');
  if (facts.hold !== undefined && mayCheckpoint(facts, handover) && !checkpointed(facts, handover.since)) {
    return { because, intentions: [{ kind: 'postgres.checkpoint', token: facts.hold.token }] };
  }
  // A shutdown checkpoint cannot be written to storage that takes no writes, and nobody waits for it: the role is given to a node that has everything.
  const isSick = facts.postgres?.storage?.some((storage) => storage.state !== 'well') === true;
  if (handover.id === 'failover' && isSick)
    return { because, intentions: [{ kind: 'postgres.stop', mode: 'immediate', reason: because }, ...vips] };
  const timeoutMs = handoverLimits(facts).stopMs;
  return {
    because,
    intentions: [{ kind: 'postgres.stop', mode: 'fast', timeoutMs, reason: because }, ...vips],
  };
}

/** The fast stop came to its limit: sessions, or a standby that takes no WAL, hold it up. It is stopped at once, and facts decide what follows (`confirm`). */
function afterLateStop(facts: Facts, handover: Handover, because: string): Match | undefined {
  const { finished, now } = facts.seen;
  const last = finished.get('postgres.role');
  if (last === undefined || last.ok || last.code !== 'stop-failed' || last.at < handover.since)
    return undefined;
  if (handover.forced !== undefined && last.begunAt >= handover.forced.at)
    return takeBack(facts, handover, `The database could not be stopped: ${last.message}`);
  const forced = handover.forced ?? { at: now, why: last.message };
  return {
    because: `${because} The fast stop came to its limit; it is stopped at once. ${last.message}`,
    memory: { handover: { ...handover, forced } },
    intentions: [{ kind: 'postgres.stop', mode: 'immediate', reason: last.message }],
  };
}

/**
 * Without a shutdown checkpoint nobody can confirm it. Where every commit waited for the target, it has all that was ever acknowledged and takes over; otherwise
 * this node has the newest data and goes on.
 */
function afterForcedStop(facts: Facts, handover: Handover, why: string): Match {
  const mode = facts.pgSettings?.mode;
  const waited = mode !== undefined && mode !== 'asynchronous';
  if (!waited || !successors(facts).includes(handover.to))
    return takeBack(facts, handover, `The database had to be stopped at once. ${why}`);
  const isQuorum =
    facts.hold?.state !== undefined && quorumOf(recordedClaim(facts.hold.state, facts.seen.me)) !== undefined;
  const what = isQuorum
    ? `${handover.to} hears the others before it takes`
    : `${handover.to} has every acknowledged write`;
  const because = `Hand-over to ${handover.to}: the database had to be stopped at once, and ${what}.`;
  const reason = `${handover.reason} The database had to be stopped at once: ${why}`;
  return {
    because,
    intentions: [{ kind: 'release', token: facts.hold?.token ?? 0, to: handover.to, reason }],
  };
}

export function confirm(facts: Facts, handover: Handover): Match {
  const { hold, seen, postgres } = facts;
  const released = seen.finished.get('release');
  if (isBusy(facts, 'release'))
    return { because: `Hand-over to ${handover.to}: the term is being released.` };
  if (released !== undefined && !released.ok && released.begunAt >= handover.since) {
    return takeBack(facts, handover, released.message);
  }
  const stoppedAt = handover.stoppedAt ?? seen.now;
  const remember: Partial<Memory> = { handover: { ...handover, stoppedAt } };
  const reason =
    handover.id === 'failover'
      ? `Hand-over to ${handover.to}: nothing of the role runs here any more.`
      : `Hand-over to ${handover.to}: nothing of the role runs here any more and the target has everything.`;
  // The hand-over is remembered until the term is gone: otherwise the request would be looked at once more.
  const release = (): Match => ({
    because: reason,
    intentions: [{ kind: 'release', token: hold?.token ?? 0, to: handover.to, reason: handover.reason }],
  });
  if (facts.pgSettings === undefined || handover.id === 'failover') return release();
  // With nobody to go to, the term is released to this node itself: it comes back without waiting, and others after T.
  if (handover.to === seen.me) return release();
  const data = postgres?.data;
  if (data?.kind !== 'present' || data.state !== 'shut down') {
    if (handover.forced !== undefined) return afterForcedStop(facts, handover, handover.forced.why);
    return takeBack(facts, handover, 'The database did not stop cleanly.');
  }
  const contact = seen.contact.known ? seen.contact.value : undefined;
  const reached = contact?.node === handover.to ? parseLsn(contact.postgres?.lsn ?? '') : undefined;
  // The stop tells where the shutdown checkpoint ends; pg_control only where it begins.
  const stop = seen.finished.get('postgres.role');
  const end = parseLsn(
    stop?.code === 'stopped' && stop.begunAt >= handover.since ? String(stop.data['lsn']) : '',
  );
  const has = reached?.ok === true && (end.ok ? reached.value >= end.value : reached.value > data.lsn);
  const narrowed = has ? narrowRecord(facts, handover) : undefined;
  if (has && narrowed === undefined) return release();
  if (seen.now > after(stoppedAt, confirmMs)) {
    return takeBack(
      facts,
      handover,
      narrowed === undefined
        ? `${handover.to} did not confirm the shutdown checkpoint within ${confirmMs} ms.`
        : `It could not be recorded within ${confirmMs} ms that ${handover.to} has everything.`,
    );
  }
  if (narrowed !== undefined) return { ...narrowed, memory: remember };
  return {
    because: `Hand-over to ${handover.to}: it is asked whether it has the shutdown checkpoint.`,
    memory: remember,
  };
}
