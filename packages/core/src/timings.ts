import { fail, ok, type Result } from './result.ts';

/** The lengths of time that the term protocol runs by, in milliseconds. `termMs` (T) is written into `leader` and fixed for the term. */
export interface Timings {
  /** T: how long everybody waits after the last sign of the holder. */
  readonly termMs: number;
  /** How often the heartbeat and the promises are renewed. */
  readonly intervalMs: number;
  /** The limit of one request to etcd or to another node. */
  readonly requestMs: number;
  /** m: what the holder keeps free before T ends for clock drift, demotion and granularity. */
  readonly marginMs: number;
}

export type ProfileName = 'fast' | 'default' | 'patient';

/** What each part of the margin pays for. */
export const marginParts = {
  /** Drift between two clocks over one term, as a share of T. */
  driftShare: 0.17,
  /** From the deadline to a verified harmless node. */
  demotionMs: 200,
  /** Granularity of clocks and timers. */
  granularityMs: 40,
} as const;

/** The least margin that a term of this length may have. */
export const leastMarginMs = (termMs: number): number =>
  Math.round(termMs * marginParts.driftShare + marginParts.demotionMs + marginParts.granularityMs);

export const profiles: Readonly<Record<ProfileName, Timings>> = {
  fast: { termMs: 1000, intervalMs: 200, requestMs: 150, marginMs: leastMarginMs(1000) },
  default: { termMs: 3000, intervalMs: 600, requestMs: 500, marginMs: leastMarginMs(3000) },
  patient: { termMs: 10_000, intervalMs: 2000, requestMs: 2000, marginMs: leastMarginMs(10_000) },
};

/**
 * Two renewals may be lost before the deadline: 2 x request + interval + margin < T.
 * Errors: `bad-timings`, with the sum shown.
 */
export function validateTimings(timings: Timings): Result<Timings, 'bad-timings'> {
  for (const [name, value] of Object.entries(timings)) {
    if (!Number.isFinite(value) || value <= 0) {
      return fail('bad-timings', `timings.${name} is ${value}; it must be a number of milliseconds above 0.`);
    }
  }
  const { termMs, intervalMs, requestMs, marginMs } = timings;
  const least = leastMarginMs(termMs);
  if (marginMs < least) {
    return fail(
      'bad-timings',
      `timings.marginMs is ${marginMs}, but a term of ${termMs} ms needs at least ${least} ms ` +
        `(drift ${marginParts.driftShare} x ${termMs} + demotion ${marginParts.demotionMs} + granularity ${marginParts.granularityMs}).`,
    );
  }
  const sum = 2 * requestMs + intervalMs + marginMs;
  if (sum >= termMs) {
    return fail(
      'bad-timings',
      `The timings do not fit: 2 x requestMs ${requestMs} + intervalMs ${intervalMs} + marginMs ${marginMs} = ${sum} ms, ` +
        `which must be below termMs ${termMs}. Raise termMs, or lower requestMs or intervalMs.`,
    );
  }
  return ok(timings);
}
