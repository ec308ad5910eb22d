import { done, fail, type Result } from '@hamn/core';
import { type Deadline, deadlineIn, type Permit, termOver, type UnitFailure } from '@hamn/engine';
import { isDeserted } from './deserted.ts';
import { emptied, groupFinder, killUntilEmpty } from './empty-group.ts';
import { jobIdOf, type ListedUnit } from './parse.ts';
import { hasEnded } from './process-state.ts';
import { systemctl } from './systemctl.ts';
import type { UnitDeps } from './unit-deps.ts';
import { waitForJob } from './wait-job.ts';

/** What a died daemon left behind gets this long to end by itself, and this long to be gone after SIGKILL. */
const lingerMs = 50;
const killMs = 1000;
/** Time kept back from a start's limit to take the job back. */
const cancelMs = 50;
/** A stop of a unit without processes takes systemd a few milliseconds. */
const stopMs = 1000;

/**
 * Starts a unit and ends when it is active. At the limit a job that still waits is taken back; one that systemd already runs goes on and
 * shows as `activating`, and is the caller's to stop. A start whose processes have died is ended, before this one and during it: systemd
 * may wait for them for ever. Where D-Bus is not there, systemctl does it.
 */
export async function startUnit(
  deps: UnitDeps,
  unit: string,
  timeoutMs: number,
  permit: Permit,
): Promise<Result<undefined, UnitFailure>> {
  const limit = deadlineIn(deps.clock, timeoutMs);
  const before = await deps.manager.list([unit], limit.leftMs());
  if (!before.ok) {
    if (before.error.code !== 'unreachable') return before;
    return permit() ? systemctl(['start', '--', unit], limit.leftMs()) : termOver(`${unit} was started`);
  }
  const row = before.value[0];
  const unusable = row === undefined ? undefined : refusal(unit, row);
  if (unusable !== undefined) return unusable;
  if (row?.active === 'active' && row.jobId === 0 && (await isAlive(deps, unit, limit))) return done;
  const wasEnded = row !== undefined && (await endDeserted(deps, unit, row, limit));
  await clearLeftovers(deps, unit, wasEnded ? undefined : row, limit);
  // A failed unit may have used up its start rate limit; the engine counts restarts itself.
  if (row?.active === 'failed') await deps.manager.resetFailed(unit, limit.leftMs());
  if (!permit()) return termOver(`${unit} was started`);
  const job = await deps.manager.startJob(unit, limit.leftMs());
  if (!job.ok) return job;
  const waiting = deadlineIn(deps.clock, limit.leftMs() - cancelMs);
  const end = await waitForJob(deps, unit, job.value, waiting, async (now) => {
    await endDeserted(deps, unit, now, limit);
  });
  if (!end.ok) return end;
  if (!end.value.ended) {
    await deps.manager.cancelJob(jobIdOf(job.value), cancelMs);
    return fail(
      'timeout',
      `${unit} did not become active within ${timeoutMs} ms. See journalctl -u ${unit}, or raise its startTimeout.`,
    );
  }
  if (end.value.unit.active === 'active' || end.value.unit.active === 'reloading') return done;
  return notActive(deps, unit, end.value.result, end.value.unit, limit.leftMs());
}

/** Ends a start that nobody is left to finish; whether it did. Its job's number is compared last, so that a later start is not ended. */
async function endDeserted(deps: UnitDeps, unit: string, row: ListedUnit, limit: Deadline): Promise<boolean> {
  if (!(await isDeserted(deps, unit, row, limit.leftMs()))) return false;
  const listed = await deps.manager.list([unit], limit.leftMs());
  const now = listed.ok ? listed.value[0] : undefined;
  if (now?.active !== 'activating' || now.jobId !== row.jobId) return false;
  const job = await deps.manager.stopJob(unit, limit.leftMs());
  if (!job.ok) return false;
  await waitForJob(deps, unit, job.value, deadlineIn(deps.clock, Math.min(stopMs, limit.leftMs())));
  await deps.manager.resetFailed(unit, limit.leftMs());
  return true;
}

/**
 * False when the main process of an active unit has died and systemd was about to notice: a start asked for at once after a crash must not
 * be answered with "it is active". Waits until systemd has noticed.
 */
async function isAlive(deps: UnitDeps, unit: string, limit: Deadline): Promise<boolean> {
  const pid = await deps.manager.property(unit, 'Service', 'MainPID', limit.leftMs());
  if (!pid.ok || typeof pid.value !== 'number' || pid.value === 0 || !hasEnded(pid.value)) return true;
  while (limit.leftMs() > 0) {
    await deps.changes.next(Math.min(limit.leftMs(), 5));
    const listed = await deps.manager.list([unit], limit.leftMs());
    if (listed.ok && (listed.value[0]?.active !== 'active' || listed.value[0]?.jobId !== 0)) return false;
  }
  return false;
}

/**
 * A daemon whose main process died may have left children that hold its ports or its shared memory; nobody needs them any more, and
 * systemd would wait for them (`deactivating` without a job) or start beside them.
 */
async function clearLeftovers(
  deps: UnitDeps,
  unit: string,
  seen: ListedUnit | undefined,
  limit: Deadline,
): Promise<void> {
  const listed = seen === undefined ? await deps.manager.list([unit], limit.leftMs()) : undefined;
  const row = seen ?? (listed?.ok === true ? listed.value[0] : undefined);
  if (row === undefined) return;
  const died =
    row.active === 'failed' ||
    row.active === 'inactive' ||
    (row.active === 'deactivating' && row.jobId === 0);
  if (!died) return;
  const groupOf = await groupFinder(deps, unit, Math.min(limit.leftMs(), 500));
  if (await emptied(deps, groupOf, deadlineIn(deps.clock, Math.min(lingerMs, limit.leftMs())))) return;
  await killUntilEmpty(deps, groupOf, deadlineIn(deps.clock, Math.min(killMs, limit.leftMs())));
}

function refusal(unit: string, row: ListedUnit): Result<undefined, UnitFailure> | undefined {
  if (row.loadState === 'loaded') return undefined;
  if (row.loadState === 'masked') {
    return fail(
      'no-such-unit',
      `${unit} is masked, so it cannot start. Unmask it with systemctl unmask ${unit}.`,
    );
  }
  return fail(
    'no-such-unit',
    `systemd knows no usable unit ${unit} (${row.loadState}). Install it, or correct its name in the configuration.`,
  );
}

async function notActive(
  deps: UnitDeps,
  unit: string,
  jobResult: string | undefined,
  row: ListedUnit,
  timeoutMs: number,
): Promise<Result<undefined, UnitFailure>> {
  if (row.active === 'activating') {
    return fail(
      'failed',
      `The start of ${unit} was replaced by another job (${jobResult ?? 'unheard'}); it is still activating.`,
    );
  }
  const result = await deps.manager.text(unit, 'Service', 'Result', Math.min(timeoutMs, 200));
  return fail(
    'failed',
    `${unit} did not start: it is ${row.active} (${row.sub}; job ${jobResult ?? 'unheard'}, result ${result === '' ? 'unknown' : result}). See journalctl -u ${unit}.`,
  );
}
