import { ok, type Result } from '@hamn/core';
import type { Deadline, UnitFailure } from '@hamn/engine';
import type { Changes } from './changes.ts';
import type { Manager } from './manager.ts';
import { jobIdOf, type ListedUnit } from './parse.ts';

/** How often the unit is asked about when no signal comes (one may be lost with a connection). */
const pollMs = 200;

export type JobEnd =
  /** `result`: systemd's word, or undefined where the job ended unheard. */
  | { readonly ended: true; readonly result: string | undefined; readonly unit: ListedUnit }
  | { readonly ended: false };

/** Waits until the job has ended, at most until the deadline. `look` may act on the unit while the job goes on. */
export async function waitForJob(
  deps: { readonly manager: Manager; readonly changes: Changes },
  unit: string,
  jobPath: string,
  limit: Deadline,
  look: (unit: ListedUnit) => Promise<void> = async () => undefined,
): Promise<Result<JobEnd, UnitFailure>> {
  const jobId = jobIdOf(jobPath);
  for (;;) {
    const left = limit.leftMs();
    if (left <= 0) return ok({ ended: false });
    // Read before the asking: a row that was on its way when the job's end was told shows the unit as it was before.
    const hasEnded = deps.changes.resultOf(jobPath) !== undefined;
    const listed = await deps.manager.list([unit], Math.min(left, 1000));
    const row = listed.ok ? listed.value[0] : undefined;
    if (row !== undefined && (hasEnded || row.jobId !== jobId)) {
      return ok({ ended: true, result: deps.changes.resultOf(jobPath), unit: row });
    }
    if (!listed.ok && listed.error.code !== 'timeout' && listed.error.code !== 'unreachable') return listed;
    if (row !== undefined) await look(row);
    const isTold = listed.ok && deps.changes.resultOf(jobPath) !== undefined;
    if (limit.leftMs() > 0 && !isTold) await deps.changes.next(Math.min(limit.leftMs(), pollMs));
  }
}
