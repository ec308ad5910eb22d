import type { Instant } from '../brands.ts';
import type { EscalationStep } from './kinds/traits.ts';

/** A stop that failed. It is never waited for until somebody types: each step is tried once, then the next one. */
export interface Escalation {
  /** Index in the kind's steps. */
  readonly step: number;
  /** When the stop failed. */
  readonly since: Instant;
  readonly reason: string;
}

export const escalationBegun = (since: Instant, reason: string): Escalation => ({ step: 0, since, reason });

export const escalationFurther = (before: Escalation, reason: string): Escalation => ({
  ...before,
  step: before.step + 1,
  reason: `${before.reason} ${reason}`,
});

/** What is to be done now. Past the last step only the guard is left, unless what is left over does no harm. */
export function escalationStep(steps: readonly EscalationStep[], { step }: Escalation): EscalationStep {
  const now = steps[step];
  if (now !== undefined) return now;
  return steps.includes('report') ? 'report' : 'self-fence';
}
