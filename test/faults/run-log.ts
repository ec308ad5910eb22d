import type { Inflicted } from './check/excuses.ts';
import type { Violation } from './check/violation.ts';
import type { RoundPlan } from './plan/schedule.ts';

export interface FaultRun extends Inflicted {
  readonly round: number;
  readonly text: string;
}

export interface RoundRun {
  readonly round: number;
  readonly plan: RoundPlan;
  readonly beganMs: number;
  /** All faults have ended. */
  readonly healedMs: number;
  /** All nodes are back in service; undefined where they did not come back in time. */
  readonly healthyMs: number | undefined;
  readonly cast: string;
}

export interface Note {
  readonly atMs: number;
  readonly text: string;
}

/** What the suite itself did, beside what the watchers saw. */
export interface RunLog {
  readonly seed: number;
  readonly beganMs: number;
  readonly faults: readonly FaultRun[];
  readonly rounds: readonly RoundRun[];
  readonly notes: readonly Note[];
  readonly violations: readonly Violation[];
}
