import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskBase } from '../lab/disk.ts';
import { LabError } from '../lab/index.ts';
import type { Layout } from '../lab/layout.ts';
import { must } from '../lab/run.ts';
import { imageDirOf, imageKey } from './image.ts';
import { type VmFiles, vmFiles } from './vm-layout.ts';

const RECIPE = join(import.meta.dirname, 'move-disk.sh');
const MOVE_LIMIT_MS = 300_000;

/** A node is a virtual machine when its disk is one's. */
export const isVm = (layout: Layout, node: string): boolean =>
  imageKeyOf(vmFiles(layout, node)) !== undefined;

/** Its disk would be made anew. */
export function hasOtherImage(layout: Layout, node: string): boolean {
  const key = imageKeyOf(vmFiles(layout, node));
  return key !== undefined && key !== imageKey();
}

/** The key of the image whose kernel the machine boots. */
export const imageKeyOf = (files: VmFiles): string | undefined =>
  existsSync(files.image) ? readFileSync(files.image, 'utf8') : undefined;

/** Makes the machine's disk when it has none, or one of another image. True when it was made. */
export async function makeDisk(layout: Layout, node: string, imageKey: string): Promise<boolean> {
  const files = vmFiles(layout, node);
  if (imageKeyOf(files) === imageKey) return false;
  wipeDisk(files);
  mkdirSync(files.dir, { recursive: true });
  await makeOverlay(files, join(imageDirOf(imageKey), 'disk.raw'), imageKey);
  return true;
}

/**
 * Turns a node of the lab of namespaces, which must be off, into a virtual machine with all that it wrote. It is one or the other: two disks
 * with one history would be two nodes of one name.
 * @throws LabError `no-disk`
 */
export async function moveDisk(layout: Layout, node: string, imageKey: string): Promise<void> {
  if (diskBase(layout, node) === undefined)
    throw new LabError('no-disk', `Node ${node} has no disk in the lab of namespaces to be moved.`);
  const files = vmFiles(layout, node);
  const [upper, moved] = [join(files.dir, 'upper'), join(files.dir, 'moved.raw')];
  const argv = ['sh', RECIPE, join(imageDirOf(imageKey), 'root'), upper, join(files.dir, 'merged'), moved];
  await must(['unshare', '--mount', ...argv], { timeoutMs: MOVE_LIMIT_MS });
  rmSync(join(files.dir, 'base'));
  rmSync(upper, { recursive: true });
  await makeOverlay(files, moved, imageKey);
}

async function makeOverlay(files: VmFiles, backing: string, imageKey: string): Promise<void> {
  await must(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', backing, '-F', 'raw', files.disk]);
  writeFileSync(files.image, imageKey); // Last: a disk without it is unfinished and made anew.
}

/** Only for a machine that is off. The disk goes in one step, so that no half of it is left to boot from. */
export function wipeDisk(files: VmFiles): void {
  const gone = `${files.dir}.gone`;
  rmSync(gone, { recursive: true, force: true });
  if (existsSync(files.dir)) renameSync(files.dir, gone);
  rmSync(gone, { recursive: true, force: true });
}
