import { instant } from '@hamn/core';
import type { ClockPort } from '../ports/clock.ts';

/** A clock for tests: the process's own monotonic time. */
export const testClock: ClockPort = {
  now: () => instant(performance.now()),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nonce: () => globalThis.crypto.randomUUID(),
};

/** Waits until `condition` holds; fails with `what` after `limitMs`. */
export async function eventually(
  what: string,
  limitMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
