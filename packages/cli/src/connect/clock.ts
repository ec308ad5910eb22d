import { randomUUID } from 'node:crypto';
import type { Instant } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';

/** A clock for time limits. Timers may be late; who waits for a deadline looks often. */
export const clockOf = (now: () => Instant): ClockPort => ({
  now,
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nonce: () => randomUUID(),
});
