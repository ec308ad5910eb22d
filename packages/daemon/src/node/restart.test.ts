import { type Instant, profiles } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { describe, expect, it } from 'vitest';
import { restartKeepingTerm } from './restart.ts';

/** Virtual time: `after` is run by `until`. */
function virtualClock() {
  let nowMs = 0;
  const due: { readonly at: number; readonly run: () => void }[] = [];
  const clock: ClockPort = {
    now: () => nowMs as Instant,
    wallMs: () => nowMs,
    nonce: () => 'n',
    after: (ms, run) => {
      due.push({ at: nowMs + ms, run });
      return () => undefined;
    },
  };
  const until = (endMs: number): void => {
    for (;;) {
      due.sort((a, b) => a.at - b.at);
      const next = due[0];
      if (next === undefined || next.at > endMs) break;
      due.shift();
      nowMs = next.at;
      next.run();
    }
    nowMs = endMs;
  };
  return { clock, until, now: () => nowMs };
}

const { termMs, marginMs, intervalMs } = profiles.default;
const fullMs = termMs - marginMs;

describe('a restart that keeps the term', () => {
  it('ends at once where no term is held', () => {
    const { clock, until, now } = virtualClock();
    const ended: number[] = [];
    restartKeepingTerm(
      () => undefined,
      profiles.default,
      () => ended.push(now()),
      clock,
    );
    until(1000);
    expect(ended).toEqual([50]);
  });

  it('waits for the others, and then for a renewal', () => {
    const { clock, until, now } = virtualClock();
    const ended: number[] = [];
    // Renewed each interval, 300 ms out of step with the wait.
    const left = (): number => fullMs - ((now() + 300) % intervalMs);
    restartKeepingTerm(left, profiles.default, () => ended.push(now()), clock);
    until(20_000);
    expect(ended).toHaveLength(1);
    expect(ended[0]).toBeGreaterThanOrEqual(5000);
    expect(((ended[0] ?? 0) + 300) % intervalMs).toBeLessThan(100);
  });

  it('does not wait for ever for a renewal that does not come', () => {
    const { clock, until, now } = virtualClock();
    const ended: number[] = [];
    restartKeepingTerm(
      () => 500,
      profiles.default,
      () => ended.push(now()),
      clock,
    );
    until(20_000);
    expect(ended).toEqual([5000 + 2 * intervalMs]);
  });
});
