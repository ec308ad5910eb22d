import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { waitFor } from '../cluster/wait-for.ts';
import { LabError, machineOf } from '../lab/index.ts';
import type { Layout } from '../lab/layout.ts';
import { inNetns } from '../lab/network.ts';
import { describeFailure, run } from '../lab/run.ts';
import { furtherDisks } from './further-disks.ts';
import { imageDirOf } from './image.ts';
import { qemuCommand } from './qemu-command.ts';
import { dropConnection } from './ssh.ts';
import { plugTaps, unplugTaps } from './taps.ts';
import { imageKeyOf } from './vm-disk.ts';
import { type VmFiles, vmFiles } from './vm-layout.ts';

const START_LIMIT_MS = 20_000;
const DEATH_LIMIT_MS = 10_000;

/** The host's PID of the machine's qemu, or undefined when it is off. Its command line tells it from a later process with its number. */
export function pidOf(files: VmFiles): number | undefined {
  try {
    const pid = Number(readFileSync(files.pid, 'utf8'));
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(files.pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** @throws LabError `off` */
export function requireOn(layout: Layout, node: string): number {
  const pid = pidOf(vmFiles(layout, machineOf(node).name));
  if (pid !== undefined) return pid;
  throw new LabError('off', `Machine ${node} is off. Power it on with 'npm run vmlab -- power-on ${node}'.`);
}

/** @throws LabError `on` */
export function requireOff(layout: Layout, node: string): void {
  if (pidOf(vmFiles(layout, machineOf(node).name)) === undefined) return;
  throw new LabError('on', `Machine ${node} is on. Power it off with 'npm run vmlab -- power-off ${node}'.`);
}

/**
 * Starts the machine; does not wait for its system.
 * @throws LabError `already-on` | `no-disk` | `boot` with QEMU's own words
 */
export async function startVm(layout: Layout, node: string): Promise<void> {
  const files = vmFiles(layout, node);
  if (pidOf(files) !== undefined) throw new LabError('already-on', `Machine ${node} is on already.`);
  const key = imageKeyOf(files);
  if (key === undefined || !existsSync(imageDirOf(key)))
    throw new LabError(
      'no-disk',
      `Machine ${node} has no disk. Make it with 'npm run vmlab -- up --nodes ${node}'.`,
    );
  await plugTaps(layout, node);
  for (const left of [files.pid, files.qmp, files.events]) rmSync(left, { force: true });
  const qemu = qemuCommand(
    machineOf(node),
    files,
    imageDirOf(key),
    machineId(layout, node),
    furtherDisks(files),
  );
  const argv = inNetns(layout.switchNetns, ['nice', '-n', '10', ...qemu]);
  const started = await run(argv, { timeoutMs: START_LIMIT_MS });
  if (started.code === 0 && pidOf(files) !== undefined) return;
  throw new LabError(
    'boot',
    `Machine ${node} did not start. ${describeFailure(['qemu-system-x86_64'], started, START_LIMIT_MS)}`,
  );
}

/**
 * The plug is pulled: qemu is killed. No packet says farewell, the guest's page cache is lost, and so is what its disk had not yet been
 * told to flush and QEMU still held.
 */
export async function cutPower(layout: Layout, node: string): Promise<void> {
  const files = vmFiles(layout, node);
  const pid = pidOf(files);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  const gone = await waitFor(DEATH_LIMIT_MS, 5, async () => (pidOf(files) === undefined ? true : undefined));
  if (gone === undefined) throw new LabError('not-dead', `qemu of ${node} (process ${pid}) does not die.`);
  await dropConnection(layout, node);
  await unplugTaps(layout, node);
}

export const poweredOnAt = (files: VmFiles): Date | undefined =>
  statSync(files.pid, { throwIfNoEntry: false })?.mtime;

/** Where the console's output of this power-on, or of an earlier one, begins to interest: its last lines. */
export function consoleTail(files: VmFiles): string {
  const text = existsSync(files.console) ? readFileSync(files.console, 'utf8') : '';
  return `its console (${files.console}) ends with: ${text.trimEnd().split('\n').slice(-6).join(' | ')}`;
}

/** Fixed for a machine of this lab, so that its journals stay in one directory. */
const machineId = (layout: Layout, node: string): string =>
  createHash('sha256').update(`${layout.labName}/${node}`).digest('hex').slice(0, 32);
