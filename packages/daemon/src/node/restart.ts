import type { Timings } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { systemClock } from './clock.ts';

/** The other nodes restart first: two programs that start at once on a small machine, and promises that nobody gives, cost time. */
const holderAfterMs = 5000;
const othersAfterMs = 50;
const pollMs = 5;
/** A renewal is fresh when no more than this has gone since it was sent. */
const freshMs = 100;

/**
 * Ends the process at a moment at which the one that follows has the most time to go on with the term: just after a renewal. At the limit of
 * two intervals it ends all the same.
 */
export function restartKeepingTerm(
  remainingMs: () => number | undefined,
  { termMs, marginMs, intervalMs }: Timings,
  end: () => void,
  clock: ClockPort = systemClock,
): void {
  const holds = remainingMs() !== undefined;
  clock.after(holds ? holderAfterMs : othersAfterMs, () => {
    const giveUpAt = clock.now() + 2 * intervalMs;
    const look = (): void => {
      const left = remainingMs();
      const isFresh = left === undefined || left > termMs - marginMs - freshMs;
      if (isFresh || clock.now() >= giveUpAt) end();
      else clock.after(pollMs, look);
    };
    look();
  });
}
