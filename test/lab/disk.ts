import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostsFile, type Layout, nodeDir } from './layout.ts';
import { hasVolumes, makeVolumes, type Volume } from './volumes.ts';

/**
 * A node's disk: an overlay on the base. `upper` holds what the node wrote; it survives power-offs, and `wipeDisk` throws it away.
 * A disk that stands on another base, or has other volumes, cannot be used and is made anew. True when it was made.
 */
export async function makeDisk(
  layout: Layout,
  node: string,
  key: string,
  volumes: readonly Volume[] = [],
): Promise<boolean> {
  const dir = nodeDir(layout, node);
  if (diskBase(layout, node) === key && hasVolumes(layout, node, volumes)) return false;
  wipeDisk(layout, node);
  for (const each of ['upper', 'work', 'root', 'empty'])
    mkdirSync(join(dir, each), { recursive: true, mode: 0o755 });
  const etc = join(dir, 'upper', 'etc');
  mkdirSync(etc, { mode: 0o755 });
  writeFileSync(join(etc, 'hostname'), `${node}\n`);
  writeFileSync(join(etc, 'hosts'), hostsFile(node));
  writeFileSync(join(etc, 'machine-id'), `${machineId(layout, node)}\n`, { mode: 0o444 });
  await makeVolumes(layout, node, volumes);
  writeFileSync(join(dir, 'base'), key); // Last: a disk without it is unfinished and made anew.
  return true;
}

/** The key of the base this disk stands on. */
export function diskBase(layout: Layout, node: string): string | undefined {
  const path = join(nodeDir(layout, node), 'base');
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/**
 * Only for a node that is off: the overlay must not be mounted. The disk goes in one step (a rename), so that a run which dies half-way
 * leaves no half of a disk to boot from.
 */
export function wipeDisk(layout: Layout, node: string): void {
  const dir = nodeDir(layout, node);
  const gone = `${dir}.gone`;
  rmSync(gone, { recursive: true, force: true });
  if (existsSync(dir)) renameSync(dir, gone);
  rmSync(gone, { recursive: true, force: true });
}

/** Fixed for a node of this lab, so that its journals stay in one directory over resets. */
function machineId(layout: Layout, node: string): string {
  return createHash('sha256').update(`${layout.labName}/${node}`).digest('hex').slice(0, 32);
}
