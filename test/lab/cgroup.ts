import {
  type Dirent,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf, LabError } from './lab-error.ts';
import { isZombie } from './proc.ts';
import { must } from './run.ts';

/**
 * The control groups of a lab, in the cgroup v2 hierarchy (Documentation/admin-guide/cgroup-v2.rst): `<root>/<lab>/<node>` is what
 * a node's systemd sees as its root; `<node>/lab-exec` holds what the lab runs inside the node. The no-internal-processes rule is
 * why that is a leaf of its own, and why the process that waits for the node's init is moved to `<lab>/supervisor`.
 */
const OWN_MOUNT = '/run/hamn-lab/cgroup2';
const POLL_MS = 5;

/** The mount point of the cgroup v2 hierarchy; mounted by the lab itself where the host has none. */
export async function cgroupRoot(): Promise<string> {
  const found = findCgroup2(readFileSync('/proc/self/mountinfo', 'utf8'));
  if (found !== undefined) return found;
  mkdirSync(OWN_MOUNT, { recursive: true });
  await must(['mount', '-t', 'cgroup2', 'cgroup2', OWN_MOUNT]);
  return OWN_MOUNT;
}

/** Unmounts the hierarchy if it was the lab that mounted it and no other lab has a group there. */
export async function releaseCgroupRoot(): Promise<void> {
  if (findCgroup2(readFileSync('/proc/self/mountinfo', 'utf8')) !== OWN_MOUNT) return;
  if (subtree(OWN_MOUNT).length === 1) await must(['umount', OWN_MOUNT]);
}

/** Finds the first whole, writable cgroup2 mount in the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export function findCgroup2(mountinfo: string): string | undefined {
  for (const line of mountinfo.split('\n')) {
    const [left, right] = line.split(' - ');
    const fields = left?.split(' ') ?? [];
    const writable = fields[5]?.split(',').includes('rw') ?? false;
    if (right?.startsWith('cgroup2 ') && fields[3] === '/' && writable) return fields[4];
  }
  return undefined;
}

export function makeCgroup(path: string): void {
  mkdirSync(path, { recursive: true });
}

/** Offers the host's controllers to the children; a host whose hierarchy has none (hybrid) is fine, too. */
export function delegateControllers(path: string): void {
  for (const controller of ['cpu', 'io', 'memory', 'pids']) {
    try {
      writeFileSync(join(path, 'cgroup.subtree_control'), `+${controller}`);
    } catch {
      // Not offered here: the nodes then run without it.
    }
  }
}

export function enterCgroup(path: string, pid: number): void {
  writeFileSync(join(path, 'cgroup.procs'), String(pid));
}

/** Every living process in the control group and below, by the host's PIDs. Empty when the group does not exist. */
export function processesIn(path: string): number[] {
  const pids: number[] = [];
  for (const each of subtree(path)) {
    const text = readIfThere(join(each, 'cgroup.procs')) ?? '';
    for (const line of text.split('\n')) if (line !== '' && line !== '0') pids.push(Number(line));
  }
  return pids.filter((pid) => !isZombie(pid));
}

/** The control group and all below it, parents first. Units come and go meanwhile: what vanishes is left out. */
export function subtree(path: string): string[] {
  const entries = entriesOf(path);
  if (entries === undefined) return [];
  const below = entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => subtree(join(path, entry.name)));
  return [path, ...below];
}

function entriesOf(path: string): Dirent[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENODEV') return undefined;
    throw error;
  }
}

/**
 * Freezes or thaws all below, and waits until the kernel says so.
 * @throws LabError `not-frozen` | `not-thawed` after two seconds
 */
export async function setFrozen(path: string, frozen: boolean): Promise<void> {
  writeFileSync(join(path, 'cgroup.freeze'), frozen ? '1' : '0');
  const reached = await poll(2_000, () => isFrozen(path) === frozen);
  if (reached) return;
  throw new LabError(
    frozen ? 'not-frozen' : 'not-thawed',
    `The control group ${path} did not become ${frozen ? 'frozen' : 'thawed'} within 2 s; see its cgroup.events.`,
  );
}

export function isFrozen(path: string): boolean {
  return /^frozen 1$/m.test(readIfThere(join(path, 'cgroup.events')) ?? '');
}

/**
 * Kills all that is left in the group and removes it.
 * @throws LabError `cgroup-busy` when processes or groups are still there after `limitMs`
 */
export async function removeCgroup(path: string, limitMs: number): Promise<void> {
  const gone = await poll(limitMs, () => killAndRemove(path));
  if (gone) return;
  throw new LabError(
    'cgroup-busy',
    `The control group ${path} could not be removed within ${limitMs} ms; processes left: ${processesIn(path).join(' ') || 'none'}.`,
  );
}

function killAndRemove(path: string): boolean {
  try {
    if (existsSync(path)) writeFileSync(join(path, 'cgroup.kill'), '1');
    for (const each of subtree(path).reverse()) rmdirSync(each);
    return !existsSync(path);
  } catch (error) {
    if (['EBUSY', 'ENOENT', 'ENODEV', 'ENOTEMPTY'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}

/** Asks again and again until it holds; false at the limit. */
export async function poll(limitMs: number, holds: () => boolean): Promise<boolean> {
  const giveUpAt = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() >= giveUpAt) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
