import { instant } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';

/** The machine's own. */
export const clock: ClockPort = {
  now: () => instant(performance.now()),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nonce: () => 'n',
};
