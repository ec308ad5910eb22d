import { randomUUID } from 'node:crypto';
import { instant } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';

/** A clock for tests against real servers. */
export const testClock: ClockPort = {
  now: () => instant(performance.now()),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nonce: () => randomUUID(),
};
