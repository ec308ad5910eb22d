import { done, fail, type Result } from '@hamn/core';
import { type Deadline, deadlineIn, type UnitFailure } from '@hamn/engine';
import { emptied, groupFinder, killUntilEmpty, processesOf } from './empty-group.ts';
import { systemctl } from './systemctl.ts';
import type { UnitDeps } from './unit-deps.ts';
import { waitForJob } from './wait-job.ts';

/** Of the limit, this much (and no more than a third) is kept for killing and for seeing that everything is gone. */
const killMs = 1000;
/** What is left in the group after a clean stop gets this long to end by itself. */
const lingerMs = 200;

/**
 * Stops a unit and ends when it is inactive (or failed) and its control group is empty: some daemons leave children that hold their ports.
 * Shortly before the limit everything in the control group is killed, whatever systemd says. A unit that does not exist is stopped.
 */
export async function stopUnit(
  deps: UnitDeps,
  unit: string,
  timeoutMs: number,
): Promise<Result<undefined, UnitFailure>> {
  const limit = deadlineIn(deps.clock, timeoutMs);
  const calm = deadlineIn(deps.clock, timeoutMs - Math.min(killMs, timeoutMs / 3));
  const groupOf = await groupFinder(deps, unit, Math.min(calm.leftMs(), 500));
  const stopped = await stopJob(deps, unit, calm);
  const lingering = deadlineIn(deps.clock, stopped.ok ? Math.min(lingerMs, calm.leftMs()) : 0);
  if (!(await emptied(deps, groupOf, lingering))) {
    await killUntilEmpty(deps, groupOf, limit);
  }
  const left = processesOf(groupOf);
  if (left.length > 0) {
    return fail(
      'timeout',
      `${unit} did not end within ${timeoutMs} ms: processes ${left.join(', ')} of its control group survive SIGKILL. They wait for a device or a network file system (state D in ps); this node needs a reboot.`,
    );
  }
  if (stopped.ok) return done;
  return settled(deps, unit, limit, stopped.error.message);
}

async function stopJob(
  deps: UnitDeps,
  unit: string,
  calm: Deadline,
): Promise<Result<undefined, UnitFailure>> {
  const job = await deps.manager.stopJob(unit, calm.leftMs());
  if (!job.ok) {
    if (job.error.code === 'no-such-unit') return done;
    return job.error.code === 'unreachable' ? systemctl(['stop', '--', unit], calm.leftMs()) : job;
  }
  const end = await waitForJob(deps, unit, job.value, calm);
  if (!end.ok) return end;
  if (!end.value.ended) return fail('timeout', `${unit} did not stop within ${calm.limitMs} ms.`);
  const { active } = end.value.unit;
  if (active === 'inactive' || active === 'failed') return done;
  return fail('failed', `${unit} is ${active} after its stop job ended (${end.value.result ?? 'unheard'}).`);
}

/** After a kill: systemd must have seen it, otherwise the unit may not be called stopped. */
async function settled(
  deps: UnitDeps,
  unit: string,
  limit: Deadline,
  earlier: string,
): Promise<Result<undefined, UnitFailure>> {
  while (limit.leftMs() > 0) {
    const listed = await deps.manager.list([unit], limit.leftMs());
    const active = listed.ok ? listed.value[0]?.active : undefined;
    if (active === 'inactive' || active === 'failed') return done;
    if (!listed.ok && listed.error.code !== 'timeout') {
      return fail(
        listed.error.code,
        `The processes of ${unit} are gone (killed), but ${listed.error.message}`,
      );
    }
    if (limit.leftMs() > 0) await deps.changes.next(Math.min(limit.leftMs(), 50));
  }
  return fail(
    'timeout',
    `The processes of ${unit} are gone (killed), but systemd has not noticed: ${earlier}`,
  );
}
