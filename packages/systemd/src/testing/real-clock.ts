import { instant } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';

export const realClock: ClockPort = {
  now: () => instant(performance.now()),
  wallMs: () => 0,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nonce: () => 'nonce',
};
