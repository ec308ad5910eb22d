import { type WatchdogView, whyLate } from '../watchdog.ts';
import { traitsOf } from './kinds/kinds.ts';
import type { ResourceTraits } from './kinds/traits.ts';
import type { FailureOutcome, ResourceSettings } from './resource.ts';

/** What keeps a node that lost the role from going on. */
export interface Protection {
  /** `none`: no device is configured. Only `required` never goes on without a confirmed fence. */
  readonly fencing: 'none' | 'manual' | 'automatic' | 'required';
  /** The guard's watchdog on this node; `unknown` where only that node could tell. */
  readonly watchdog: 'off' | 'automatic' | 'required' | 'unknown';
}

export interface ProtectionDemand {
  readonly resource: string;
  /** Full sentences with the remedy. */
  readonly message: string;
}

/**
 * Storage that one node alone may have is started only where the old node is known to be off, or resets itself. The guard ends what programs do;
 * it cannot take back writes that a kernel has queued.
 */
export function protectionDemands(
  resources: readonly ResourceSettings[],
  { fencing, watchdog }: Protection,
): readonly ProtectionDemand[] {
  if (fencing === 'required' || watchdog === 'required') return [];
  return resources.flatMap(({ name, what, unfenced }) => {
    const { destroyedByTwo } = traitsOf(what);
    if (destroyedByTwo === undefined || unfenced) return [];
    const now = `fencing is ${fencing}${watchdog === 'unknown' ? '' : `, the watchdog is ${watchdog}`}`;
    return [
      {
        resource: name,
        message: `'${name}' needs fencing or a watchdog, because ${destroyedByTwo}; now ${now}. Write \`fencing: {mode: required, ...}\`, or HAMN_GUARD_WATCHDOG=required for hamn-guard on every data node, or accept the danger with \`unfenced: true\` at '${name}'.`,
      },
    ];
  });
}

/** Why nothing would take exclusive storage from a node that loses the role; undefined where something does. */
export function unprotected(
  fencing: Protection['fencing'],
  watchdog: WatchdogView | undefined,
  termMs: number,
): string | undefined {
  if (fencing === 'required') return undefined;
  const late = whyLate(watchdog, termMs);
  if (watchdog?.state === 'active' && late === undefined) return undefined;
  const dog = late ?? (watchdog?.state === 'missing' ? watchdog.reason : 'hamn-guard uses no watchdog here.');
  return `Neither is fencing required (it is ${fencing}) nor would a watchdog reset this node in time: ${dog} Set \`fencing: {mode: required, ...}\`, or HAMN_GUARD_WATCHDOG=required for hamn-guard on every data node, or accept the danger (\`unfenced: true\`).`;
}

/** Where the admin does not say it: what everything stands on is worth the role, the rest is not. */
export const usualOutcome = ({ layer, destroyedByTwo }: ResourceTraits): FailureOutcome =>
  layer === 'base' || destroyedByTwo !== undefined ? 'failover' : 'degrade';
