import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { delegateControllers, enterCgroup, makeCgroup, poll, removeCgroup, setFrozen } from './cgroup.ts';
import { diskBase } from './disk.ts';
import { execIn } from './exec.ts';
import { LabError } from './lab-error.ts';
import { type Layout, machineOf, nodeDir, nodeNetns } from './layout.ts';
import { inNetns, linkOf, plug, portDown, unplug } from './network.ts';
import { commOf } from './proc.ts';
import { initOf, nodeCgroup, requireOn, type Site } from './site.ts';
import { unhangAll } from './volumes.ts';

const BOOT_SCRIPT: string = join(import.meta.dirname, 'boot-node.sh');
const INIT_LIMIT_MS = 5_000;
const BOOT_LIMIT_MS = 30_000;
const ASK_LIMIT_MS = 5_000;
const POLL_MS = 10;
const DEATH_LIMIT_MS = 10_000;

export const bootIdOf = (layout: Layout, node: string): string | undefined => {
  const path = join(nodeDir(layout, node), 'boot-id');
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
};

export const poweredOnAt = (layout: Layout, node: string): Date =>
  statSync(join(nodeDir(layout, node), 'boot-id')).mtime;

/**
 * Powers a node on with the disk it has, and returns when its systemd has reached multi-user.target. Remains of a crashed run of the
 * lab (a half-made namespace, a group without init) are cleared first.
 * @throws LabError `already-on` | `boot` with the end of the node's console
 */
export async function powerOn(site: Site, node: string): Promise<void> {
  if (initOf(site, node) !== undefined) throw new LabError('already-on', `Node ${node} is on already.`);
  const base = baseOf(site.layout, node);
  const group = nodeCgroup(site, node);
  const dir = nodeDir(site.layout, node);
  await removeCgroup(group, DEATH_LIMIT_MS);
  makeCgroup(join(site.cgroup, 'supervisor'));
  makeCgroup(group);
  delegateControllers(site.cgroup);
  makeCgroup(join(group, 'lab-exec'));
  await plug(site.layout, machineOf(node));
  writeFileSync(join(dir, 'boot-id'), `${randomUUID()}\n`, { mode: 0o444, flag: 'w' });
  writeFileSync(join(dir, 'sysrq'), '');
  const supervisor = spawnInit(site, node, base, group);
  const started = await poll(INIT_LIMIT_MS, () => initOf(site, node) !== undefined);
  if (!started) throw new LabError('boot', `Node ${node} did not start: ${consoleTail(dir)}`);
  enterCgroup(join(site.cgroup, 'supervisor'), supervisor);
  await waitForBoot(site, node);
}

/**
 * The plug is pulled: the switch's port goes down first, so that no FIN or RST leaves the node, then its init is killed and the kernel
 * ends all its processes at once. HAZARD: the host's page cache survives, so a missing fsync is not found by this.
 */
export async function powerOff(site: Site, node: string): Promise<void> {
  const group = nodeCgroup(site, node);
  if ((await linkOf(site.layout, node)) !== 'absent') await portDown(site.layout, node);
  await unhangAll(site, node);
  const init = initOf(site, node);
  if (init !== undefined) process.kill(init, 'SIGKILL');
  await removeCgroup(group, DEATH_LIMIT_MS);
  await unplug(site.layout, node);
}

/**
 * Freezes all the node's processes, or thaws them. Its kernel goes on: it answers ARP, ping and TCP connection requests.
 * @throws LabError `off` | `not-frozen` | `not-thawed`
 */
export async function freeze(site: Site, node: string, frozen: boolean): Promise<void> {
  requireOn(site, node);
  await setFrozen(nodeCgroup(site, node), frozen);
}

/** Starts the process that becomes the node's systemd; `unshare` stays as its parent and dies with it, and the other way round. */
function spawnInit(site: Site, node: string, base: string, group: string): number {
  const dir = nodeDir(site.layout, node);
  const unshare = ['unshare', '--mount', '--uts', '--ipc', '--pid', '--cgroup', '--fork', '--kill-child'];
  const inner = inNetns(nodeNetns(site.layout, node), [...unshare, 'sh', BOOT_SCRIPT, base, dir, node]);
  const output = openSync(join(dir, 'console.log'), 'a');
  const child = spawn('sh', ['-c', 'echo 0 >"$0"/cgroup.procs && exec "$@"', group, ...inner], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.on('error', () => undefined); // Seen as a node that does not start.
  child.unref();
  if (child.pid === undefined)
    throw new LabError('boot', `Node ${node} did not start: no process could be made.`);
  return child.pid;
}

/** The base a node's disk stands on. @throws LabError `no-disk` */
function baseOf(layout: Layout, node: string): string {
  const key = diskBase(layout, node);
  const base = join(layout.basesDir, key ?? 'none');
  if (key !== undefined && existsSync(base)) return base;
  throw new LabError(
    'no-disk',
    `Node ${node} has no disk to boot from. Make it with 'npm run lab -- up --nodes ${node}'.`,
  );
}

/**
 * Returns when the node's systemd has finished starting. "degraded" (a unit failed) counts: which units matter is for those who
 * installed them to judge.
 * @throws LabError `boot` when the node dies or does not get there within 30 s
 */
export async function waitForBoot(site: Site, node: string): Promise<void> {
  const dir = nodeDir(site.layout, node);
  const giveUpAt = performance.now() + BOOT_LIMIT_MS;
  let state = 'silent';
  while (performance.now() < giveUpAt) {
    const init = initOf(site, node);
    if (init === undefined)
      throw new LabError('boot', `Node ${node} died while booting: ${consoleTail(dir)}`);
    // Until it is systemd, the init is our script and its root may still be the host's.
    if (commOf(init) === 'systemd' && existsSync(`/proc/${init}/root/run/systemd/private`)) {
      const asked = await execIn(site, node, ['systemctl', 'is-system-running'], { timeoutMs: ASK_LIMIT_MS });
      state = asked.stdout.trim() || asked.stderr.trim();
      if (state === 'running' || state === 'degraded') return;
    }
    await sleep(POLL_MS);
  }
  throw new LabError('boot', `Node ${node} did not finish booting (${state}): ${consoleTail(dir)}`);
}

function consoleTail(dir: string): string {
  const path = join(dir, 'console.log');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return `its console (${path}) ends with: ${text.trimEnd().split('\n').slice(-6).join(' | ')}`;
}
