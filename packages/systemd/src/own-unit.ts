import { readFile } from 'node:fs/promises';
import { done, fail, ok, type Result } from '@hamn/core';
import { type Deadline, deadlineIn, type UnitFailure } from '@hamn/engine';
import { bootStart, isInitScript, keepOutOfBoot } from './boot-start.ts';
import { gateDropIn, gateText, isService, ownershipText, runtimeDropIn, writeIfChanged } from './drop-in.ts';
import type { Properties } from './parse.ts';
import type { UnitDeps } from './unit-deps.ts';

/** A unit that runs PostgreSQL starts only past the gate (`/usr/lib/hamn/pg-gate`). */
export interface PostgresGate {
  readonly unit: string;
  readonly dataDirectory: string;
}

export interface OwnOptions {
  readonly gates: readonly PostgresGate[];
  readonly gateCommand: string;
  /** /run/systemd/system */
  readonly runtimeDirectory: string;
  /** /etc/systemd/system */
  readonly persistentDirectory: string;
}

/**
 * Makes a unit hamn's: it does not start at boot, systemd does not restart it, and PostgreSQL's starts only past the gate. Idempotent;
 * systemd reloads only when something changed. A unit that does not exist is no failure here: `start` says it.
 */
export async function ownUnit(
  deps: UnitDeps,
  options: OwnOptions,
  unit: string,
  timeoutMs: number,
): Promise<Result<undefined, UnitFailure>> {
  const limit = deadlineIn(deps.clock, timeoutMs);
  const seen = await deps.manager.properties(unit, 'Unit', limit.leftMs());
  if (!seen.ok) return seen;
  const written = await writeDropIns(options, unit, isInitScript(seen.value));
  if (!written.ok) return written;
  const kept = await keepOutOfBoot(deps, unit, seen.value, limit);
  if (!kept.ok) return kept;
  const isStale = written.value || kept.value || seen.value.value('NeedDaemonReload') === true;
  if (!isStale) return checkOwned(deps, unit, seen.value, limit);
  const reloaded = await deps.manager.reload(limit.leftMs());
  if (!reloaded.ok) return reloaded;
  const now = await deps.manager.properties(unit, 'Unit', limit.leftMs());
  return now.ok ? checkOwned(deps, unit, now.value, limit) : now;
}

/** Whether it is hamn's by what was last seen of it, `seen`. PostgreSQL's is asked about each time: the gate stands before its start. */
export async function wasOwned(
  options: OwnOptions,
  unit: string,
  seen: Properties | undefined,
): Promise<boolean> {
  if (seen === undefined || options.gates.some((gate) => gate.unit === unit)) return false;
  const path = runtimeDropIn(options.runtimeDirectory, unit);
  if (!seen.texts('DropInPaths').includes(path)) return false;
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === ownershipText(unit, isInitScript(seen));
}

async function writeDropIns(
  options: OwnOptions,
  unit: string,
  isOfInitScript: boolean,
): Promise<Result<boolean, UnitFailure>> {
  const gate = options.gates.find((each) => each.unit === unit);
  const runtime = runtimeDropIn(options.runtimeDirectory, unit);
  const persistent = gateDropIn(options.persistentDirectory, unit);
  try {
    const isNew = await writeIfChanged(runtime, ownershipText(unit, isOfInitScript));
    if (gate === undefined) return { ok: true, value: isNew };
    const isGateNew = await writeIfChanged(persistent, gateText(options.gateCommand, gate.dataDirectory));
    return { ok: true, value: isNew || isGateNew };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(
      'failed',
      `The drop-in files of ${unit} cannot be written (${why}). Without them systemd could restart it behind hamn's back: make ${runtime} and ${persistent} writable.`,
    );
  }
}

/** An administrator's later drop-in may still say otherwise. */
async function checkOwned(
  deps: UnitDeps,
  unit: string,
  seen: Properties,
  limit: Deadline,
): Promise<Result<undefined, UnitFailure>> {
  if (seen.text('LoadState') !== 'loaded') return done;
  const restart = isService(unit)
    ? await deps.manager.property(unit, 'Service', 'Restart', limit.leftMs())
    : ok('no');
  if (!restart.ok) return restart;
  if (restart.value !== 'no') return restartsBySystemd(unit, String(restart.value));
  const boot = bootStart(seen);
  if (!boot.starts) return done;
  return fail(
    'failed',
    `${unit} still starts at boot (wanted by ${boot.wantedBy.join(', ') || 'a link that hamn could not remove'}). Disable it with systemctl disable ${unit}, or remove it from what wants it.`,
  );
}

const restartsBySystemd = (unit: string, restart: string): Result<undefined, UnitFailure> =>
  fail(
    'failed',
    `${unit} still has Restart=${restart}, so systemd would restart it behind hamn's back. Remove Restart= from its drop-ins (systemctl cat ${unit}).`,
  );
