import { randomUUID } from 'node:crypto';
import { instant } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';

/** A clock for tests: the process's own monotonic time. */
export const testClock: ClockPort = {
  now: () => instant(performance.now()),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nonce: () => randomUUID(),
};
