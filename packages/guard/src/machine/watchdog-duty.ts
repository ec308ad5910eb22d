import { after, biteAfterDeadlineMs, type Instant, mostWatchdogMs } from '@hamn/core';
import type { GuardState } from './state.ts';

/** What is known of a watchdog that runs. */
export interface Running {
  /** The timeout that it is set to. */
  readonly seconds: number;
  /** The shortest that it can do, as far as that is known. */
  readonly leastSeconds: number;
  /** The longest that is used. */
  readonly restSeconds: number;
  /** When it resets the machine unless it is petted again; undefined before the first petting. */
  readonly bitesAt: Instant | undefined;
}

/** A petting that would gain less than this is left out. */
const worthMs = 50;

/**
 * The timeout to pet the watchdog with now, in seconds; undefined when it must not, or need not, be petted.
 *
 * - A harmless node is petted now and then, with a long timeout: a guard that is stuck there hurts nobody.
 * - An armed node is petted so that the machine is reset no later than `biteAfterDeadlineMs` after the present deadline, whatever becomes of this
 *   process. A renewal that moves the deadline on earns the next petting.
 * - A node that is being made harmless, or could not be, is not petted: the last petting was the last.
 */
export function petting(state: GuardState, running: Running, now: Instant): number | undefined {
  if (state.phase === 'harmless') return restingPet(running, now);
  if (state.phase !== 'armed' || state.record === undefined || now >= state.record.deadline) return undefined;
  const { deadline, termMs } = state.record;
  // One that is too slow for this term is the last resort only: it comes late, but it comes.
  if (running.leastSeconds * 1000 > mostWatchdogMs(termMs)) return latePet(running, now);
  const latest = after(deadline, biteAfterDeadlineMs);
  const seconds = Math.min(Math.floor((latest - now) / 1000), running.restSeconds);
  if (seconds < running.leastSeconds) return undefined;
  const { bitesAt } = running;
  const isTooLate = bitesAt === undefined || bitesAt > latest;
  return isTooLate || now + seconds * 1000 >= bitesAt + worthMs ? seconds : undefined;
}

function restingPet(running: Running, now: Instant): number | undefined {
  const { seconds, restSeconds, bitesAt } = running;
  const isDue = bitesAt === undefined || seconds !== restSeconds || bitesAt - now < (restSeconds * 1000) / 2;
  return isDue ? restSeconds : undefined;
}

function latePet(running: Running, now: Instant): number | undefined {
  const { seconds, leastSeconds, bitesAt } = running;
  const isDue =
    bitesAt === undefined || seconds !== leastSeconds || now + leastSeconds * 1000 >= bitesAt + worthMs;
  return isDue ? leastSeconds : undefined;
}
