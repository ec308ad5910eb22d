import { groupFinder, processesOf } from './empty-group.ts';
import type { ListedUnit } from './parse.ts';
import { hasEnded } from './process-state.ts';
import type { UnitDeps } from './unit-deps.ts';

/**
 * True when a unit is `activating` and nothing of it lives: the daemon of a `Type=forking` unit died before systemd had its PID, and
 * systemd waits for the PID file until its own limit, which for PostgreSQL is none (Debian's unit: TimeoutSec=0, for recoveries that take
 * long). A start that is asked for then would only join that job.
 */
export async function isDeserted(
  deps: UnitDeps,
  unit: string,
  row: ListedUnit,
  timeoutMs: number,
): Promise<boolean> {
  if (row.active !== 'activating' || row.sub !== 'start') return false;
  const groupOf = await groupFinder(deps, unit, timeoutMs);
  if (processesOf(groupOf).length > 0) return false;
  const pids = await Promise.all([
    deps.manager.property(unit, 'Service', 'MainPID', timeoutMs),
    deps.manager.property(unit, 'Service', 'ControlPID', timeoutMs),
  ]);
  return pids.every(
    (pid) => pid.ok && typeof pid.value === 'number' && (pid.value === 0 || hasEnded(pid.value)),
  );
}
