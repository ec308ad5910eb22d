import type { ClockPort } from './ports/clock.ts';

/** What is left of one call's limit. */
export interface Deadline {
  readonly limitMs: number;
  /** Milliseconds left, never negative. */
  leftMs(): number;
}

export function deadlineIn(clock: ClockPort, limitMs: number): Deadline {
  const end = clock.now() + limitMs;
  return { limitMs, leftMs: () => Math.max(0, end - clock.now()) };
}

/** Resolves after `ms` of the clock. */
export const pause = (clock: ClockPort, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });
