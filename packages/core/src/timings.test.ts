import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastMarginMs, profiles, validateTimings } from './timings.ts';

const anyMs = fc.oneof(fc.double({ noNaN: false }), fc.integer({ min: -10, max: 20_000 }));

describe('timings', () => {
  it('accepts every profile', () => {
    for (const timings of Object.values(profiles))
      expect(validateTimings(timings)).toEqual({ ok: true, value: timings });
  });

  it('accepts only what lets two renewals fail before the deadline', () => {
    const any = fc.record({
      termMs: anyMs,
      intervalMs: anyMs,
      requestMs: anyMs,
      marginMs: anyMs,
      observeMs: anyMs,
    });
    fc.assert(
      fc.property(any, (timings) => {
        const checked = validateTimings(timings);
        const { termMs, intervalMs, requestMs, marginMs, observeMs } = timings;
        const fits =
          Object.values(timings).every((ms) => Number.isFinite(ms) && ms > 0) &&
          marginMs >= leastMarginMs(termMs) &&
          2 * requestMs + intervalMs + marginMs < termMs &&
          observeMs <= intervalMs;
        expect(checked.ok).toBe(fits);
      }),
      { numRuns: 2000 },
    );
  });

  it('shows the sum that does not fit, and what to change', () => {
    const checked = validateTimings({
      ...profiles.default,
      termMs: 3000,
      intervalMs: 1000,
      requestMs: 700,
      marginMs: 750,
    });
    expect(checked.ok ? '' : checked.error.message).toBe(
      'The timings do not fit: 2 x requestMs 700 + intervalMs 1000 + marginMs 750 = 3150 ms, ' +
        'which must be below termMs 3000. Raise termMs, or lower requestMs or intervalMs.',
    );
  });

  it('says what the margin pays for', () => {
    const checked = validateTimings({
      ...profiles.default,
      termMs: 3000,
      intervalMs: 600,
      requestMs: 500,
      marginMs: 700,
    });
    expect(checked.ok ? '' : checked.error.message).toBe(
      'timings.marginMs is 700, but a term of 3000 ms needs at least 750 ms (drift 0.17 x 3000 + demotion 200 + granularity 40).',
    );
  });

  it('gives a machine with a longer T more time to answer, and never more than an interval', () => {
    expect(Object.values(profiles).map(({ observeMs }) => observeMs)).toEqual([150, 150, 500]);
    const checked = validateTimings({ ...profiles.default, observeMs: 700 });
    expect(checked.ok ? '' : checked.error.message).toBe(
      'timings.observeMs is 700; it must be at most intervalMs 600, so that nothing is decided later than a renewal.',
    );
  });

  it('names a figure that is no length of time', () => {
    const checked = validateTimings({
      ...profiles.default,
      termMs: 3000,
      intervalMs: 0,
      requestMs: 500,
      marginMs: 750,
    });
    expect(checked.ok ? '' : checked.error.message).toBe(
      'timings.intervalMs is 0; it must be a number of milliseconds above 0.',
    );
  });
});
