import { after, type NodeId } from '../../brands.ts';
import { claimOf, quorumOf, recordedClaim, sameClaim, withRecord } from '../../claim.ts';
import { parseLsn } from '../../lsn.ts';
import { successors } from '../candidacy.ts';
import { type Facts, isBusy, isRunning, memberOf } from '../facts.ts';
import type { Intention } from '../intention.ts';
import type { Handover, Memory } from '../memory.ts';
import type { Match } from '../rule.ts';
import { namesIntention } from './synchronous.ts';

/** How long the target may take to confirm that it has the shutdown checkpoint. */
const confirmMs = 3000;
/** How long the whole may take before the database is stopped; services have their own limits inside. */
const prepareMs = 120_000;

/** What speaks against a switchover now; also printed by `hamnctl switchover --dry-run`. */
export function againstSwitchover(facts: Facts, to: NodeId | undefined): string | undefined {
  if (!facts.writable && facts.pgSettings !== undefined) return 'The primary’s database is not writable now.';
  const able = successors(facts);
  if (to === undefined) {
    return able.length > 0
      ? undefined
      : 'No other node can take over now; hamnctl explain says for each why.';
  }
  if (able.includes(to)) return undefined;
  if (to === facts.seen.me) return `${to} is primary already.`;
  const member = memberOf(facts, to);
  if (member === undefined) return `${to} is not known or does not report; is hamnd running on it?`;
  if (member.candidacy?.eligible === true)
    return `${to} cannot take over now: ${againstSuccessor(facts, to)}`;
  return `${to} cannot take over now: ${member.candidacy?.reasons.join(' ') ?? 'it does not say why.'}`;
}

/** What the primary knows against a node that holds itself to be able. */
const againstSuccessor = (facts: Facts, to: NodeId): string =>
  facts.hold?.peers.some((peer) => peer.node === to && peer.missedRounds < 2) === true
    ? 'it is not in the synchronous set, so it may lack acknowledged writes.'
    : 'it has not answered the last two rounds of promises.';

/** A switchover, or a failover that is asked for while the primary lives: the same clean hand-over. */
export function startHandover(facts: Facts): Match | undefined {
  const { hold, request, seen } = facts;
  if (hold === undefined || request === undefined || request.kind === 'reinit') return undefined;
  if (request.token !== hold.token) return undefined;
  const against = againstSwitchover(facts, request.to);
  if (against !== undefined) {
    return {
      because: against,
      intentions: [{ kind: 'request.finish', id: request.id, outcome: 'refused', message: against }],
    };
  }
  const to = request.to ?? successors(facts)[0];
  if (to === undefined) return undefined;
  const because = `${request.by} asked for a switchover to ${to}.`;
  const handover: Handover = { id: request.id, to, since: seen.now, reason: because, stoppedAt: undefined };
  return { because, memory: { handover } };
}

/** Services that nobody who still runs depends on. */
function nextToStop(facts: Facts): readonly Intention[] {
  const running = facts.seen.settings.services.filter((service) => isRunning(facts.units.get(service.unit)));
  const free = running.filter((service) => !running.some((other) => other.after.includes(service.name)));
  return free.map((service) => ({
    kind: 'unit.stop',
    unit: service.unit,
    timeoutMs: service.stopTimeoutMs,
    reason: 'the role is handed over',
  }));
}

/** hamnd is asked to stop: the role goes to the best other node, or is put down cleanly. */
export function leave(facts: Facts): Match | undefined {
  const { hold, memory, seen } = facts;
  if (hold === undefined || memory.leaving === undefined || memory.handover !== undefined) return undefined;
  const to = facts.paused ? seen.me : (successors(facts)[0] ?? seen.me);
  const handover: Handover = {
    id: 'leaving',
    to,
    since: seen.now,
    reason: memory.leaving,
    stoppedAt: undefined,
  };
  return { because: `${memory.leaving} The role goes to ${to}.`, memory: { handover } };
}

export function continueHandover(facts: Facts): Match | undefined {
  const { hold, memory, seen } = facts;
  const handover = memory.handover;
  if (hold === undefined || handover === undefined) return undefined;
  const stop = nextToStop(facts);
  if (stop.length > 0) {
    if (seen.now > after(handover.since, prepareMs))
      return takeBack(facts, handover, 'The services did not stop in time.');
    const intentions: Intention[] = [...stop];
    if (facts.writable && !checkpointed(facts, handover))
      intentions.push({ kind: 'postgres.checkpoint', token: hold.token });
    return { because: `Hand-over to ${handover.to}: the services are stopped.`, intentions };
  }
  const vips: readonly Intention[] = seen.settings.vips
    .filter((vip) => facts.vips?.some((view) => view.address === vip.address && view.present) === true)
    .map((vip) => ({ kind: 'vip.remove', vip, reason: 'the role is handed over' }));
  if (facts.pgSettings !== undefined && facts.server?.kind !== 'down')
    return stopDatabase(facts, handover, vips);
  if (vips.length > 0)
    return { because: `Hand-over to ${handover.to}: the VIPs are removed.`, intentions: vips };
  return confirm(facts, handover);
}

/** One checkpoint before the stop makes the one within the stop short. */
function checkpointed(facts: Facts, handover: Handover): boolean {
  const last = facts.seen.finished.get('postgres.checkpoint');
  return last !== undefined && last.begunAt >= handover.since;
}

function stopDatabase(facts: Facts, handover: Handover, vips: readonly Intention[]): Match {
  const { seen } = facts;
  const because = `Hand-over to ${handover.to}: the database is stopped cleanly.`;
  if (isBusy(facts, 'postgres.role') || isBusy(facts, 'postgres.checkpoint')) return { because };
  const last = seen.finished.get('postgres.role');
  if (last !== undefined && !last.ok && last.code === 'stop-failed' && last.at >= handover.since) {
    return takeBack(facts, handover, `The database could not be stopped: ${last.message}`);
  }
  if (seen.now > after(handover.since, prepareMs)) return takeBack(facts, handover, 'It took too long.');
  if (facts.writable && facts.hold !== undefined && !checkpointed(facts, handover)) {
    return { because, intentions: [{ kind: 'postgres.checkpoint', token: facts.hold.token }] };
  }
  return { because, intentions: [{ kind: 'postgres.stop', mode: 'fast', reason: because }, ...vips] };
}

function confirm(facts: Facts, handover: Handover): Match {
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
  if (has) return narrowRecord(facts, handover) ?? release();
  if (seen.now > after(stoppedAt, confirmMs)) {
    return takeBack(
      facts,
      handover,
      `${handover.to} did not confirm the shutdown checkpoint within ${confirmMs} ms.`,
    );
  }
  return {
    because: `Hand-over to ${handover.to}: it is asked whether it has the shutdown checkpoint.`,
    memory: remember,
  };
}

/**
 * The target has everything, and of the others only some have each write: this is recorded before the term is released, so that the target need not ask
 * them and nobody else takes it by time. PostgreSQL's file first, for the case that the hand-over is taken back.
 */
function narrowRecord(facts: Facts, handover: Handover): Match | undefined {
  const { hold, seen, postgres } = facts;
  if (hold === undefined || postgres === undefined) return undefined;
  const because = `Hand-over to ${handover.to}: it is recorded that it has everything.`;
  if (hold.state === undefined) return { because };
  if (quorumOf(recordedClaim(hold.state, seen.me)) === undefined) return undefined;
  const claim = claimOf([handover.to]);
  const { synchronous, quorum } = postgres.configured;
  if (isBusy(facts, 'postgres.synchronous')) return { because };
  if (!sameClaim(claimOf(synchronous, quorum), claim))
    return { because, intentions: [namesIntention(claim, because)] };
  const next = withRecord(hold.state, seen.me, claim);
  return { because, intentions: [{ kind: 'write-state', token: hold.token, next, reason: because }] };
}

/** Begun by this node itself, not by an admin's request. */
const isOwn = (handover: Handover): boolean => ['failover', 'leaving', 'service'].includes(handover.id);

/** Back to where it was: the restart rule brings the database up again under the same term. */
function takeBack(facts: Facts, handover: Handover, why: string): Match {
  const message = `The hand-over to ${handover.to} was taken back: ${why}`;
  const finish: readonly Intention[] = isOwn(handover)
    ? []
    : [{ kind: 'request.finish', id: handover.id, outcome: 'refused', message }];
  return {
    because: message,
    memory: { handover: undefined },
    intentions: facts.request === undefined ? [] : finish,
  };
}
