import { existsSync, mkdirSync, readFileSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processesIn } from './cgroup.ts';
import { LabError } from './lab-error.ts';
import { type Layout, machineOf, nodeDir } from './layout.ts';
import { must, run } from './run.ts';
import { nodeCgroup, requireOn, type Site } from './site.ts';

/** A part of a node's disk in an image file of its own, so that it can be full, or hang, and the host's disk is not. */
export type Volume = {
  /** Where the node has it: '/' is all that is on no other volume. */
  readonly path: string;
  readonly mb: number;
};

/** Where a node shows its own '/' volume: an overlay can be neither frozen nor asked for its space. */
const ROOT_VOLUME_AT = '/run/lab-root-volume';
const BALLAST = '.lab-ballast';
const LIMIT_MS = 20_000;

export const volumesDir = (layout: Layout, node: string): string => join(nodeDir(layout, node), 'volumes');

/** One line a volume, as boot-node.sh reads it: image and path. '/' comes first: the others are mounted on it. */
export function volumesText(volumes: readonly Volume[]): string {
  const sorted = [...volumes].sort((a, b) => a.path.localeCompare(b.path));
  return sorted.map((each, index) => `${index}.img ${each.path} ${each.mb}\n`).join('');
}

/** True where the node's disk has these volumes and no others. */
export function hasVolumes(layout: Layout, node: string, volumes: readonly Volume[]): boolean {
  const list = join(volumesDir(layout, node), 'list');
  return (existsSync(list) ? readFileSync(list, 'utf8') : '') === volumesText(volumes);
}

/** Sparse files with ext4 in them; what nobody writes takes no space on the host. */
export async function makeVolumes(layout: Layout, node: string, volumes: readonly Volume[]): Promise<void> {
  if (volumes.length === 0) return;
  const dir = volumesDir(layout, node);
  mkdirSync(dir, { recursive: true });
  const text = volumesText(volumes);
  for (const line of text.trimEnd().split('\n')) {
    const [image = '', , mb = ''] = line.split(' ');
    const path = join(dir, image);
    writeFileSync(path, '');
    truncateSync(path, Number(mb) * 1024 * 1024);
    await must(['mkfs.ext4', '-q', '-F', '-m', '0', '-E', 'lazy_itable_init=1', path], {
      timeoutMs: 60_000,
    });
  }
  writeFileSync(join(dir, 'list'), text); // Last: the mark that they are whole.
}

/** Takes all the space that is left on the volume; `emptyVolume` gives it back. */
export async function fillVolume(site: Site, node: string, path: string): Promise<void> {
  const at = placeOf(site, node, path);
  const ballast = join(at, BALLAST);
  mkdirSync(ballast, { recursive: true });
  // What is written between two looks is taken in the next round; the last bytes by files of one block.
  for (let size = free(at), count = 0; size >= 4096 && count < 400; count++) {
    const took = await run(['fallocate', '-l', String(size), join(ballast, String(count))], {
      timeoutMs: LIMIT_MS,
    });
    size = took.code === 0 ? Math.min(size, free(at)) : Math.floor(size / 2 / 4096) * 4096;
  }
}

export async function emptyVolume(site: Site, node: string, path: string): Promise<void> {
  await must(['rm', '-rf', join(placeOf(site, node, path), BALLAST)], { timeoutMs: LIMIT_MS });
}

/** Every write to the volume waits in the kernel, as on a disk that does not answer. Reads of what is cached go on. */
export async function hangVolume(site: Site, node: string, path: string): Promise<void> {
  await must(['fsfreeze', '--freeze', placeOf(site, node, path)], { timeoutMs: LIMIT_MS });
}

/** A volume that does not hang is left as it is. */
export async function unhangVolume(site: Site, node: string, path: string): Promise<void> {
  await run(['fsfreeze', '--unfreeze', placeOf(site, node, path)], { timeoutMs: LIMIT_MS });
}

/** Before a node goes: a process that waits for a hanging disk cannot be killed. */
export async function unhangAll(site: Site, node: string): Promise<void> {
  const list = join(volumesDir(site.layout, node), 'list');
  if (!existsSync(list)) return;
  const [anyPid] = processesIn(nodeCgroup(site, node));
  if (anyPid === undefined) return;
  const paths = readFileSync(list, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '/');
  await Promise.all(
    paths.map((path) => run(['fsfreeze', '--unfreeze', insideOf(anyPid, path)], { timeoutMs: LIMIT_MS })),
  );
}

const free = (path: string): number => {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
};

const insideOf = (pid: number, path: string): string =>
  join(`/proc/${pid}/root`, path === '/' ? ROOT_VOLUME_AT : path);

/** The volume as the host reaches it. @throws LabError `off` | `no-volume` */
function placeOf(site: Site, node: string, path: string): string {
  const init = requireOn(site, node);
  const list = join(volumesDir(site.layout, machineOf(node).name), 'list');
  const known = existsSync(list) && readFileSync(list, 'utf8').includes(` ${path} `);
  if (known) return insideOf(init, path);
  throw new LabError(
    'no-volume',
    `Node ${node} has no volume of its own at ${path}. Make the lab with one: new Lab({ volumes: ... }).`,
  );
}
