import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** In /run, so it goes with the boot in which hamn owned the unit. */
export const runtimeDropIn = (directory: string, unit: string): string =>
  join(directory, `${unit}.d`, '50-hamn.conf');

/** In /etc: it must stand before hamnd does, when the machine boots. */
export const gateDropIn = (directory: string, unit: string): string =>
  join(directory, `${unit}.d`, '50-hamn-gate.conf');

/** Sockets, timers and targets have no processes that systemd could restart. */
export const isService = (unit: string): boolean => unit.endsWith('.service');

/**
 * `Restart=no`: hamn alone restarts, a bounded number of times and only within its term. A unit made from an init script
 * (`RemainAfterExit=yes`, systemd-sysv-generator(8)) would count as active after its daemon died.
 */
export function ownershipText(unit: string, isInitScript: boolean): string {
  return [
    '# Written by hamnd, which starts, stops and restarts this unit. It is gone after a reboot.',
    '[Unit]',
    'StartLimitIntervalSec=0',
    ...(isService(unit) ? ['[Service]', 'Restart=no'] : []),
    ...(isInitScript ? ['RemainAfterExit=no'] : []),
    '',
  ].join('\n');
}

/** The gate runs as root (`+`), whatever the unit's user. */
export function gateText(gateCommand: string, dataDirectory: string): string {
  return [
    "# Written by hamnd: PostgreSQL starts as a standby, or within this node's term, and never as a second primary.",
    '# To run it without hamn: make sure that no other node is primary, delete this file, run systemctl daemon-reload.',
    '[Service]',
    `ExecStartPre=+${quoted(gateCommand)} ${quoted(dataDirectory)}`,
    '',
  ].join('\n');
}

/** systemd.service(5), COMMAND LINES: C-style escapes inside double quotes, `%` and `$` doubled. */
const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;

/** Everybody may read what systemd itself does not hide: hamnd's umask makes files for root only, and systemd warns of these with each load. */
const fileMode = 0o644;
const directoryMode = 0o755;

/** Whether the file had to be written. It is replaced whole, so that systemd never reads half of it. */
export async function writeIfChanged(path: string, text: string): Promise<boolean> {
  const directory = dirname(path);
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present === text) {
    await opened(directory, directoryMode);
    await opened(path, fileMode);
    return false;
  }
  await mkdir(directory, { recursive: true });
  await opened(directory, directoryMode);
  const beside = `${path}.hamn-new`;
  await writeFile(beside, text);
  await chmod(beside, fileMode);
  await rename(beside, path);
  return true;
}

/** An earlier version's files were for root only. */
async function opened(path: string, mode: number): Promise<void> {
  const present = (await stat(path)).mode & 0o777;
  if ((present & mode) !== mode) await chmod(path, present | mode);
}
