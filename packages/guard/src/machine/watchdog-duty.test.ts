import { after, fencingToken, type Instant, instant, nonce } from '@hamn/core';
import { describe, expect, test } from 'vitest';
import { blank, type GuardState } from './state.ts';
import { petting, type Running } from './watchdog-duty.ts';

const now = instant(100_000);
const inMs = (ms: number): Instant => after(now, ms);
const armed = (deadline: Instant, termMs = 3000): GuardState => ({
  ...blank,
  phase: 'armed',
  record: { token: fencingToken(7), nonce: nonce('n'), deadline, termMs },
});
const running = (changes: Partial<Running> = {}): Running => ({
  seconds: 2,
  leastSeconds: 1,
  restSeconds: 60,
  bitesAt: undefined,
  ...changes,
});

describe('a harmless node', () => {
  test('is petted with the long timeout at once, and then when half of it is over', () => {
    expect(petting(blank, running(), now)).toBe(60);
    expect(petting(blank, running({ bitesAt: inMs(1500) }), now)).toBe(60);
    expect(petting(blank, running({ seconds: 60, bitesAt: inMs(59_000) }), now)).toBeUndefined();
    expect(petting(blank, running({ seconds: 60, bitesAt: inMs(29_000) }), now)).toBe(60);
  });
});

describe('an armed node', () => {
  test('is reset no later than 200 ms after its deadline, in whole seconds', () => {
    expect(petting(armed(inMs(2250)), running(), now)).toBe(2);
    expect(petting(armed(inMs(1799)), running(), now)).toBe(1);
    expect(petting(armed(inMs(800)), running(), now)).toBe(1);
    expect(petting(armed(inMs(799)), running(), now)).toBeUndefined();
  });

  test('exchanges the long timeout of a harmless node for a short one', () => {
    expect(petting(armed(inMs(2250)), running({ seconds: 60, bitesAt: inMs(50_000) }), now)).toBe(2);
  });

  test('is never petted so that it would be reset sooner than it would be without', () => {
    // Without a renewal the two seconds run into the end of the margin.
    expect(petting(armed(inMs(1500)), running({ bitesAt: inMs(1690) }), now)).toBeUndefined();
    expect(petting(armed(inMs(2250)), running({ bitesAt: inMs(1990) }), now)).toBeUndefined();
    expect(petting(armed(inMs(2250)), running({ bitesAt: inMs(1940) }), now)).toBe(2);
  });

  test('is not petted any more once its deadline has passed, nor while the act is under way or has failed', () => {
    const late = armed(inMs(0));
    expect(petting(late, running(), now)).toBeUndefined();
    expect(petting(late, running({ leastSeconds: 10 }), now)).toBeUndefined();
    for (const phase of ['acting', 'failed'] as const)
      expect(petting({ ...armed(inMs(2250)), phase }, running(), now)).toBeUndefined();
  });

  test('with a watchdog that is too slow for the term is petted as long as the deadline is ahead', () => {
    const slow = running({ seconds: 3, leastSeconds: 3, bitesAt: inMs(2900) });
    expect(petting(armed(inMs(2250)), slow, now)).toBe(3);
    expect(petting(armed(inMs(1)), { ...slow, bitesAt: inMs(2980) }, now)).toBeUndefined();
    expect(petting(armed(inMs(2250)), { ...slow, seconds: 60, bitesAt: inMs(50_000) }, now)).toBe(3);
  });

  test('with a long term is petted with a long timeout', () => {
    expect(petting(armed(inMs(8060), 10_000), running(), now)).toBe(8);
    expect(petting(armed(inMs(8060), 10_000), running({ restSeconds: 5 }), now)).toBe(5);
  });
});

test('a whole life under renewals: always in time, never a needless reset', () => {
  const known = { seconds: 60, leastSeconds: 1, restSeconds: 60, bitesAt: inMs(60_000) };
  let deadline = inMs(2250);
  for (let ms = 0; ms < 60_000; ms += 10) {
    const at = inMs(ms);
    // Renewals every 600 ms, each fifth one after a second and a half; each is granted 450 ms after it was sent.
    if ((ms % 600 === 450 && ms % 3000 < 1800) || ms === 450) deadline = inMs(ms - 450 + 2250);
    expect(at).toBeLessThan(deadline);
    const seconds = petting(armed(deadline), known, at);
    if (seconds !== undefined) Object.assign(known, { seconds, bitesAt: after(at, seconds * 1000) });
    expect(known.bitesAt).toBeLessThanOrEqual(deadline + 200);
    expect(known.bitesAt).toBeGreaterThan(at);
  }
});
