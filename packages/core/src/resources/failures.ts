import type { Instant } from '../brands.ts';
import type { FailureOutcome, FailurePolicy } from './resource.ts';

/** Failures of one resource that still count. */
export interface Failures {
  readonly times: readonly Instant[];
  /** Of the newest one. */
  readonly reason: string;
}

export const noFailures: Failures = { times: [], reason: '' };

/** What the failures so far mean. */
export type Verdict =
  | { readonly kind: 'clean' }
  /** It is restarted: this was failure `count` of `of` that are borne. */
  | { readonly kind: 'restart'; readonly count: number; readonly of: number; readonly reason: string }
  /** The restarts are used up until `until`, when the oldest failure stops to count. */
  | {
      readonly kind: 'given-up';
      readonly outcome: FailureOutcome;
      readonly until: Instant;
      readonly reason: string;
    };

const recent = ({ times }: Failures, policy: FailurePolicy, now: Instant): readonly Instant[] =>
  times.filter((time) => time > now - policy.windowMs);

/** Never more than can matter: one more than is borne. */
export function withFailure(
  failures: Failures,
  policy: FailurePolicy,
  now: Instant,
  reason: string,
): Failures {
  return { times: [...recent(failures, policy, now), now].slice(-(policy.restarts + 1)), reason };
}

/** A start that came to its end after its limit was a success after all: its failure does not count. */
export const forgiven = (failures: Failures, at: Instant): Failures => ({
  times: failures.times.filter((time) => time !== at),
  reason: failures.reason,
});

export function judgeFailures(failures: Failures, policy: FailurePolicy, now: Instant): Verdict {
  const times = recent(failures, policy, now);
  const [oldest] = times;
  if (oldest === undefined) return { kind: 'clean' };
  if (times.length <= policy.restarts)
    return { kind: 'restart', count: times.length, of: policy.restarts, reason: failures.reason };
  return {
    kind: 'given-up',
    outcome: policy.outcome,
    until: (oldest + policy.windowMs) as Instant,
    reason: failures.reason,
  };
}

/** How many still count. */
export const failureCount = (failures: Failures, policy: FailurePolicy, now: Instant): number =>
  recent(failures, policy, now).length;
