import { monitor, type ResourceTraits, serviceTraits } from './traits.ts';

/** Files that are replicated from the primary to every standby. */
export interface SyncResource {
  readonly kind: 'sync';
  readonly paths: readonly string[];
}

/** A demoted node that still pushes would overwrite the new primary's files: its stop must come to an end. */
export const syncTraits = (_: SyncResource): ResourceTraits => ({
  ...serviceTraits,
  defaults: { limits: serviceTraits.defaults.limits, monitor: monitor({ intervalMs: 30_000 }) },
});
