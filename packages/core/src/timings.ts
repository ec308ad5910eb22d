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
  /** The limit of one look at each port (PostgreSQL, systemd, the kernel, the guard) in a tick; what is slower is unknown in that tick. */
  readonly observeMs: number;
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

/** The margin of a term that runs already: the settings' own for their T, the least for any other, which the settings had when it was taken. */
export const marginOf = (timings: Timings, termMs: number): number =>
  timings.termMs === termMs ? timings.marginMs : leastMarginMs(termMs);

/** The limit of a look for a term of this length: a machine that is given a longer T is a slower one. */
export const usualObserveMs = (termMs: number): number => Math.max(150, Math.round(termMs / 20));

export const profiles: Readonly<Record<ProfileName, Timings>> = {
  fast: profile(1000, 200, 150),
  default: profile(3000, 600, 500),
  patient: profile(10_000, 2000, 2000),
};

function profile(termMs: number, intervalMs: number, requestMs: number): Timings {
  return {
    termMs,
    intervalMs,
    requestMs,
    marginMs: leastMarginMs(termMs),
    observeMs: usualObserveMs(termMs),
  };
}

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
  const { termMs, intervalMs, requestMs, marginMs, observeMs } = timings;
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
  if (observeMs > intervalMs) {
    return fail(
      'bad-timings',
      `timings.observeMs is ${observeMs}; it must be at most intervalMs ${intervalMs}, so that nothing is decided later than a renewal.`,
    );
  }
  return ok(timings);
}
