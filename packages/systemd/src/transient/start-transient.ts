import { done, fail, ok, type Result } from '@hamn/core';
import {
  type Deadline,
  deadlineIn,
  type Permit,
  pause,
  type TransientEnd,
  type TransientUnit,
  termOver,
  type UnitFailure,
} from '@hamn/engine';
import type { ListedUnit } from '../parse.ts';
import { stopUnit } from '../stop-unit.ts';
import type { UnitDeps } from '../unit-deps.ts';
import { type JobEnd, waitForJob } from '../wait-job.ts';
import { transientProperties } from './properties.ts';

/** systemd forgets a unit a moment after it was reset. */
const forgetMs = 10;
const pollMs = 20;
/** For what is left to be asked when the limit has come. */
const leastMs = 200;
/** waitid(2): CLD_EXITED. */
const exited = 1;
const noJob = '/org/freedesktop/systemd1/job/none';

/** Runs a program in a unit of its own and ends when the program has ended. See `TransientPort`. */
export async function startTransient(
  deps: UnitDeps,
  name: string,
  unit: TransientUnit,
  timeoutMs: number,
  permit: Permit,
): Promise<Result<TransientEnd, UnitFailure>> {
  const limit = deadlineIn(deps.clock, timeoutMs);
  const cleared = await clearEarlier(deps, name, limit);
  if (!cleared.ok) return cleared;
  if (!permit()) return termOver(`${unit.command[0]} was run`);
  const job = await begin(deps, name, unit, limit);
  if (!job.ok) return job;
  const end = await waitForJob(deps, name, job.value, limit);
  if (!end.ok) return end;
  if (end.value.ended) return endOf(deps, name, end.value, limit);
  return fail('timeout', `${unit.command[0]} did not end within ${Math.round(timeoutMs)} ms.`);
}

/** The object path of its job. */
async function begin(
  deps: UnitDeps,
  name: string,
  unit: TransientUnit,
  limit: Deadline,
): Promise<Result<string, UnitFailure>> {
  const job = await deps.manager.startTransient(name, transientProperties(unit), limit.leftMs());
  if (job.ok || !job.error.message.includes('UnitExists')) return job;
  // The connection broke, the call was made twice, and the first one had arrived.
  const listed = await deps.manager.list([name], limit.leftMs());
  if (!listed.ok) return listed;
  const jobId = listed.value[0]?.jobId ?? 0;
  return ok(jobId === 0 ? noJob : `/org/freedesktop/systemd1/job/${jobId}`);
}

/** A unit of this name that is left of an earlier run, also of an earlier hamnd: ended, its failure forgotten, until systemd knows it no more. */
async function clearEarlier(
  deps: UnitDeps,
  name: string,
  limit: Deadline,
): Promise<Result<undefined, UnitFailure>> {
  for (;;) {
    const listed = await deps.manager.list([name], limit.leftMs());
    if (!listed.ok) return listed;
    const row = listed.value[0];
    if (row === undefined || row.loadState !== 'loaded') return done;
    if (row.active !== 'inactive' && row.active !== 'failed') {
      const stopped = await stopUnit(deps, name, limit.leftMs());
      if (!stopped.ok) return stopped;
    }
    if (limit.leftMs() <= 0)
      return fail('timeout', `systemd still knows ${name} of an earlier run. See systemctl status ${name}.`);
    await deps.manager.resetFailed(name, limit.leftMs());
    await pause(deps.clock, Math.min(forgetMs, limit.leftMs()));
  }
}

/** A unit that did not fail is forgotten at once, so only of a failed one can be read how it ended. */
async function endOf(
  deps: UnitDeps,
  name: string,
  { unit, result }: Extract<JobEnd, { readonly ended: true }>,
  limit: Deadline,
): Promise<Result<TransientEnd, UnitFailure>> {
  const active = await settled(deps, name, unit, limit);
  if (active === undefined)
    return fail('timeout', `${name} did not end within ${Math.round(limit.limitMs)} ms.`);
  if (active === 'failed') {
    const end = await readEnd(deps, name, Math.max(leastMs, limit.leftMs()));
    await deps.manager.resetFailed(name, Math.max(leastMs, limit.leftMs()));
    return end;
  }
  if (active === 'active' || result === 'done') return ok({ kind: 'exited', code: 0 });
  return ok(result === undefined ? { kind: 'other', result: 'unheard' } : { kind: 'stopped' });
}

/** The job of a unit that comes to its limit ends before its processes do. */
async function settled(
  deps: UnitDeps,
  name: string,
  first: ListedUnit,
  limit: Deadline,
): Promise<ListedUnit['active'] | undefined> {
  let active: ListedUnit['active'] | undefined = first.active;
  while (active === undefined || active === 'deactivating' || active === 'activating') {
    if (limit.leftMs() <= 0) return undefined;
    await deps.changes.next(Math.min(limit.leftMs(), pollMs));
    const listed = await deps.manager.list([name], Math.max(leastMs, limit.leftMs()));
    active = listed.ok ? listed.value[0]?.active : undefined;
  }
  return active;
}

async function readEnd(
  deps: UnitDeps,
  name: string,
  timeoutMs: number,
): Promise<Result<TransientEnd, UnitFailure>> {
  const [result, code, status] = await Promise.all([
    deps.manager.text(name, 'Service', 'Result', timeoutMs),
    deps.manager.property(name, 'Service', 'ExecMainCode', timeoutMs),
    deps.manager.property(name, 'Service', 'ExecMainStatus', timeoutMs),
  ]);
  if (result === 'timeout') return ok({ kind: 'timeout' });
  if (!code.ok) return code;
  if (!status.ok) return status;
  const number = Number(status.value);
  if (result === 'exit-code' && code.value === exited) return ok({ kind: 'exited', code: number });
  if (result === 'signal' || result === 'core-dump') return ok({ kind: 'signalled', signal: number });
  return ok({ kind: 'other', result });
}
