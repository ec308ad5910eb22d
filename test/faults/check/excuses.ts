import type { Span } from '../../client/analyse.ts';
import type { FaultName } from '../plan/fault-kinds.ts';

/** A fault that was carried out, on the clock of the logs. */
export interface Inflicted {
  readonly name: FaultName;
  readonly node: string;
  readonly beganMs: number;
  readonly endedMs: number;
}

/** How long after a thaw a node may still answer: one interval of the profile `default` and the guard's act (docs/safety.md). */
export const thawBoundMs = 1000;
const stillBeforeMs = 50;

/** When which node stood still: its processes do not run, and nobody on it can take an address away. */
export function excusesOf(faults: readonly Inflicted[]): ReadonlyMap<string, readonly Span[]> {
  const excuses = new Map<string, Span[]>();
  const excuse = (node: string, fromMs: number, toMs: number): void => {
    const known = excuses.get(node) ?? [];
    excuses.set(node, [...known, { fromMs: fromMs - stillBeforeMs, toMs: toMs + thawBoundMs }]);
  };
  for (const fault of faults) {
    if (fault.name === 'freeze node' || fault.name === 'pause node' || fault.name === 'stop both-daemons')
      excuse(fault.node, fault.beganMs, fault.endedMs);
    if (fault.name !== 'stop guard') continue;
    // Two faults of one round can stop both daemons as well.
    for (const other of faults) {
      if (other.name !== 'stop hamnd' || other.node !== fault.node) continue;
      const fromMs = Math.max(fault.beganMs, other.beganMs);
      const toMs = Math.min(fault.endedMs, other.endedMs);
      if (fromMs < toMs) excuse(fault.node, fromMs, toMs);
    }
  }
  return excuses;
}
