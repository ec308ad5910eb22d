import type { ResourceKind } from './kinds/kinds.ts';
import type { MonitorSettings, ResourceLimits } from './kinds/traits.ts';

/** On which nodes of the group it runs. */
export type ResourceRuns = 'primary' | 'standby' | 'all';

/** What follows when the restarts are used up. `degrade` and `ignore` make it optional: nothing waits for it once it has failed. */
export type FailureOutcome = 'failover' | 'degrade' | 'ignore';

/** Restarted in place so often within the window; then the outcome. */
export interface FailurePolicy {
  readonly restarts: number;
  readonly windowMs: number;
  readonly outcome: FailureOutcome;
}

/** One resource, validated and with every default filled in. The config package makes it. */
export interface ResourceSettings {
  readonly name: string;
  readonly what: ResourceKind;
  readonly runs: ResourceRuns;
  /** Names of resources that must be well first. What follows from the kinds is added by `resourceGraph`. */
  readonly after: readonly string[];
  readonly limits: ResourceLimits;
  readonly monitor: MonitorSettings;
  readonly failure: FailurePolicy;
  /** The admin accepts that nothing keeps two nodes from having it at one time. */
  readonly unfenced: boolean;
}

export const isOptional = ({ failure }: Pick<ResourceSettings, 'failure'>): boolean =>
  failure.outcome !== 'failover';

/** Whether one node ever runs both at one time. */
export const meet = (a: ResourceRuns, b: ResourceRuns): boolean => a === b || a === 'all' || b === 'all';
