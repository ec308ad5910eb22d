import { chmod, chown, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fail, ok, type Result } from '@hamn/core';
import type { Deadline, UnitFailure } from '@hamn/engine';
import { type Properties, startsAtBoot } from './parse.ts';
import { systemctl } from './systemctl.ts';
import type { UnitDeps } from './unit-deps.ts';

/** Takes a unit out of the boot, by the way that its kind needs. `seen`: its Unit interface now. True: systemd must reload. */
export async function keepOutOfBoot(
  deps: UnitDeps,
  unit: string,
  seen: Properties,
  limit: Deadline,
): Promise<Result<boolean, UnitFailure>> {
  if (!bootStart(seen).starts) return ok(false);
  if (await isDebianCluster(unit)) return setStartManual(unit);
  if (isInitScript(seen)) {
    // Only the init system's own tool knows the links of an init script.
    const disabled = await systemctl(['disable', '--no-reload', '--', basename(unit)], limit.leftMs());
    return disabled.ok ? ok(true) : disabled;
  }
  for (const runtime of [false, true]) {
    const disabled = await deps.manager.disable(unit, runtime, limit.leftMs());
    if (!disabled.ok) return disabled;
  }
  return ok(true);
}

/** Whether the unit, as systemd sees it now, starts at boot; the units that want it. */
export function bootStart(seen: Properties): {
  readonly starts: boolean;
  readonly wantedBy: readonly string[];
} {
  const wantedBy = seen.texts('WantedBy');
  return { starts: startsAtBoot(seen.text('UnitFileState'), wantedBy), wantedBy };
}

/** Nothing but hamn starts it: not the boot, not systemd after its end, and what systemd knows of it is not older than its files. */
export const isOwned = (seen: Properties, restart: string): boolean =>
  seen.text('LoadState') === 'loaded' &&
  restart === 'no' &&
  seen.value('NeedDaemonReload') === false &&
  !bootStart(seen).starts;

/** systemd-sysv-generator(8) made the unit. */
export const isInitScript = (seen: Properties): boolean => seen.text('SourcePath').startsWith('/etc/init.d/');

/** `postgresql@15-main.service` -> `/etc/postgresql/15/main/start.conf`, where Debian's generator reads whether to start the cluster at boot. */
export function startConfOf(unit: string): string | undefined {
  const match = /^postgresql@([0-9.]+)-([^/]+)\.service$/.exec(unit);
  return match === null ? undefined : `/etc/postgresql/${match[1]}/${match[2]}/start.conf`;
}

async function isDebianCluster(unit: string): Promise<boolean> {
  const path = startConfOf(unit);
  return path !== undefined && (await readFile(path, 'utf8').catch(() => undefined)) !== undefined;
}

/** `auto` becomes `manual` (postgresql-common's README); everything else in the file stays. */
async function setStartManual(unit: string): Promise<Result<boolean, UnitFailure>> {
  const path = startConfOf(unit) ?? '';
  try {
    const text = await readFile(path, 'utf8');
    const changed = text.replace(/^[ \t]*auto\b/m, 'manual');
    if (changed === text) return ok(false);
    const beside = `${path}.hamn-new`;
    const { mode, uid, gid } = await stat(path);
    await writeFile(beside, changed);
    await chown(beside, uid, gid);
    await chmod(beside, mode & 0o777);
    await rename(beside, path);
    return ok(true);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(
      'failed',
      `${unit} starts at boot and ${path} cannot be changed (${why}). Write the word manual into it, then run systemctl daemon-reload.`,
    );
  }
}
