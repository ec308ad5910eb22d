import { after } from '../../brands.ts';
import { lagBytes, parseLsn } from '../../lsn.ts';
import { type Facts, isBusy } from '../facts.ts';
import type { Handover } from '../memory.ts';
import type { Match } from '../rule.ts';
import { checkpointed, lateRequest, takeBack } from './handover-end.ts';
import { handoverLimits } from './handover-limits.ts';

interface Behind {
  readonly toFlush: number;
  readonly toReplay: number;
}

/** How much of the WAL the target lacks, by its own word now. */
function behind(facts: Facts, handover: Handover): Behind | undefined {
  const { seen, server } = facts;
  const target = seen.contact.known ? seen.contact.value : undefined;
  if (target?.node !== handover.to || server?.kind !== 'up') return undefined;
  const flushed = parseLsn(target.postgres?.lsn ?? '');
  if (!flushed.ok) return undefined;
  const replayed = parseLsn(target.postgres?.replayedLsn ?? '');
  return {
    toFlush: lagBytes(server.flushedLsn, flushed.value),
    // A node of a version that does not tell it.
    toReplay: lagBytes(server.flushedLsn, replayed.ok ? replayed.value : flushed.value),
  };
}

/**
 * Before anything is stopped: the target has (and has replayed) all but some bytes of the WAL, and a checkpoint has made the one within the stop short. Everything
 * serves meanwhile, so that a hand-over that is refused here disturbed nobody. Undefined: nothing is left to wait for.
 */
export function getReady(facts: Facts, handover: Handover): Match | undefined {
  const { seen, hold, server } = facts;
  if (handover.readyAt !== undefined || !facts.writable || server?.kind !== 'up' || hold === undefined)
    return undefined;
  if (handover.id === 'failover' || handover.to === seen.me) return undefined;
  const late = lateRequest(facts, handover);
  if (late !== undefined) return takeBack(facts, handover, `${late} Nothing was stopped.`);
  const { maxLagBytes, catchUpMs } = handoverLimits(facts);
  const lag = behind(facts, handover);
  const isNear = lag !== undefined && Math.max(lag.toFlush, lag.toReplay) <= maxLagBytes;
  if (!isNear && seen.now > after(handover.since, catchUpMs))
    return takeBack(facts, handover, `${whyNotNear(handover, lag, facts)} Nothing was stopped.`);
  if (isNear && checkpointed(facts, handover.since)) return undefined;
  const because = isNear
    ? `Hand-over to ${handover.to}: it is caught up; the checkpoint is waited for.`
    : `Hand-over to ${handover.to}: nothing is stopped before it is caught up.`;
  const isAsked = isBusy(facts, 'postgres.checkpoint') || checkpointed(facts, handover.since);
  return isAsked
    ? { because }
    : { because, intentions: [{ kind: 'postgres.checkpoint', token: hold.token }] };
}

function whyNotNear(handover: Handover, lag: Behind | undefined, facts: Facts): string {
  const { maxLagBytes, catchUpMs } = handoverLimits(facts);
  return lag === undefined
    ? `${handover.to} did not tell within ${catchUpMs} ms how much of the WAL it has.`
    : `After ${catchUpMs} ms ${handover.to} still had ${lag.toFlush} bytes of WAL to flush and ${lag.toReplay} to replay; the limit is ${maxLagBytes} bytes. Try again when less is written.`;
}
