import { join } from 'node:path';
import { machineOf } from '../lab/index.ts';
import { type Layout, nodeDir, STATE_ROOT } from '../lab/layout.ts';

export const DEFAULT_VMLAB_NAME: string = 'hamnvm';
/** Shared by all labs of virtual machines on this host. */
export const IMAGES_DIR: string = join(STATE_ROOT, 'vm-images');

/** The files of one virtual machine on the host. */
export type VmFiles = {
  readonly dir: string;
  /** What the machine wrote, on top of the image. */
  readonly disk: string;
  /** The folder of its further disks. */
  readonly disks: string;
  /** The key of the image that the disk stands on. */
  readonly image: string;
  readonly pid: string;
  /** For commands; one client at a time. */
  readonly qmp: string;
  /** The same protocol, left free for whoever waits for events (a reset, a watchdog). */
  readonly events: string;
  readonly console: string;
  /** The connection that commands share. */
  readonly ssh: string;
};

export function vmFiles(layout: Layout, node: string): VmFiles {
  const dir = nodeDir(layout, node);
  const file = (name: string): string => join(dir, name);
  return {
    dir,
    disk: file('disk.qcow2'),
    disks: file('disks'),
    image: file('image'),
    pid: file('qemu.pid'),
    qmp: file('qmp.sock'),
    events: file('events.sock'),
    console: file('console.log'),
    ssh: file('ssh.sock'),
  };
}

/** The host's end of the control network: it stays when a machine is cut off from the segment. */
export const CONTROL_ADDRESS: string = '10.98.0.1/24';
export const CONTROL_BRIDGE: string = 'ctl0';

/** The machine's second interface. Its last byte is that of its address on the segment. */
export function controlOf(node: string): {
  readonly ipv4: string;
  readonly mac: string;
  readonly tap: string;
} {
  const { ipv4, mac, name } = machineOf(node);
  return {
    ipv4: ipv4.replace('10.99.', '10.98.'),
    mac: mac.replace('02:68:6d:00:00:', '02:68:6d:00:01:'),
    tap: `c-${name}`,
  };
}

/** The witness only votes; a data node has PostgreSQL, etcd, hamnd and the guard. */
export const memoryMiBOf = (node: string): number => (node.startsWith('wit') ? 512 : 1024);
