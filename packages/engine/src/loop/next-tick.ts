import { after, type Instant, type Memory, type TermView, type Timings } from '@hamn/core';

/** While a hand-over waits for the target's word it is asked this often. */
const handoverTickMs = 20;
/** A standby that has stopped receiving asks the others this often how far they are, for so long at first. */
const statementTickMs = 50;
const statementsForMs = 10_000;

/** The slow tick, or the instant at which a candidate may take, whichever comes first. */
export function nextTickMs(
  { phase, waitUntil, promisedUntil, seen }: TermView,
  { handover, detached }: Memory,
  timings: Timings,
  now: Instant,
): number {
  const slow = Math.max(timings.intervalMs, 500);
  if (handover !== undefined) return handoverTickMs;
  const isCurrent = detached?.leader === seen?.leader && detached?.heartbeat === seen?.heartbeat;
  if (detached !== undefined && isCurrent && now < after(detached.since, statementsForMs))
    return statementTickMs;
  const due = Math.max(waitUntil, promisedUntil) - now;
  return phase === 'candidate' && due > 0 ? Math.min(slow, due + 0.5) : slow;
}
