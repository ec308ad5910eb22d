import { existsSync, mkdirSync, readdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../lab/index.ts';
import type { Layout } from '../lab/layout.ts';
import { type VmFiles, vmFiles } from './vm-layout.ts';

/** A disk of a virtual machine beside the one that it boots from. */
export interface FurtherDisk {
  /** Its serial number: the guest reads it in /sys/block/vd?/serial. */
  readonly name: string;
  /** Raw, on the host. */
  readonly file: string;
}

const suffix = '.raw';
/** What virtio carries as a serial number, and no more. */
const nameForm = /^[a-z0-9-]{1,20}$/;

/** In the order in which the guest's kernel names them: /dev/vdb, /dev/vdc and so on. */
export function furtherDisks(files: VmFiles): readonly FurtherDisk[] {
  if (!existsSync(files.disks)) return [];
  const names = readdirSync(files.disks).filter((name) => name.endsWith(suffix));
  return names.sort().map((name) => ({ name: name.slice(0, -suffix.length), file: join(files.disks, name) }));
}

/**
 * An empty disk, there from the machine's next power-on; one of that name stays as it is. Only for a machine that is off: QEMU has the file open.
 * @throws LabError `disk-name` | `disk-size`
 */
export function addFurtherDisk(layout: Layout, node: string, name: string, mb: number): void {
  if (!nameForm.test(name))
    throw new LabError('disk-name', `'${name}' is no name of a disk: up to 20 of a-z, 0-9 and -.`);
  if (!Number.isInteger(mb) || mb < 1)
    throw new LabError('disk-size', `--mb takes a whole number of megabytes from 1 on, not '${mb}'.`);
  const at = placeOf(layout, node, name);
  if (existsSync(at)) return;
  writeFileSync(at, '');
  truncateSync(at, mb * 1024 * 1024);
}

/** Takes the disk with all that is on it out of one machine and puts it into another; both are off. @throws LabError `no-disk` | `disk-name` */
export function moveFurtherDisk(layout: Layout, name: string, from: string, to: string): void {
  const [source, target] = [placeOf(layout, from, name), placeOf(layout, to, name)];
  if (!existsSync(source)) throw new LabError('no-disk', `Machine ${from} has no disk ${name}.`);
  if (existsSync(target))
    throw new LabError('disk-name', `Machine ${to} has a disk of the name ${name} already.`);
  renameSync(source, target);
}

function placeOf(layout: Layout, node: string, name: string): string {
  const { disks } = vmFiles(layout, node);
  mkdirSync(disks, { recursive: true });
  return join(disks, `${name}${suffix}`);
}
