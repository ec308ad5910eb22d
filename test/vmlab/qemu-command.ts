import type { Machine } from '../lab/index.ts';
import { portOf } from '../lab/layout.ts';
import type { FurtherDisk } from './further-disks.ts';
import { controlOf, memoryMiBOf, type VmFiles } from './vm-layout.ts';

/** What the machine's kernel is told; the addresses are read by the image's vmlab-setup. */
export function kernelArguments(machine: Machine, machineId: string): string {
  return [
    'root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet',
    // A kernel that gives up restarts, as a server in a rack is set to do.
    'panic=5',
    // An emulated processor has nothing to be protected from, and the protection costs a third of its speed.
    'mitigations=off audit=0',
    `systemd.hostname=${machine.name} systemd.machine_id=${machineId}`,
    `vmlab.ipv4=${machine.ipv4}/24 vmlab.ipv6=${machine.ipv6}/64 vmlab.control=${controlOf(machine.name).ipv4}/24`,
  ].join(' ');
}

/**
 * The command line of one virtual machine (qemu-system-x86_64(1)). The guest's flush reaches the image file before it is answered; what
 * the guest has not flushed is in its own page cache and is lost with the process.
 */
export function qemuCommand(
  machine: Machine,
  files: VmFiles,
  imageDir: string,
  machineId: string,
  disks: readonly FurtherDisk[] = [],
): string[] {
  const control = controlOf(machine.name);
  return [
    'qemu-system-x86_64',
    ...['-name', machine.name, '-machine', 'pc', ...acceleration(), '-m', String(memoryMiBOf(machine.name))],
    ...['-no-user-config', '-nodefaults', '-display', 'none', '-daemonize', '-pidfile', files.pid],
    ...['-kernel', `${imageDir}/vmlinuz`, '-initrd', `${imageDir}/initrd.img`],
    ...['-append', kernelArguments(machine, machineId)],
    // The first one is /dev/vda, from which it boots.
    ...disk('root', files.disk, 'qcow2'),
    ...disks.flatMap(({ name, file }) => disk(name, file, 'raw')),
    ...nic('segment', portOf(machine.name), machine.mac),
    ...nic('control', control.tap, control.mac),
    ...['-chardev', `file,id=console,path=${files.console},append=on`, '-serial', 'chardev:console'],
    ...['-qmp', `unix:${files.qmp},server=on,wait=off`, '-qmp', `unix:${files.events},server=on,wait=off`],
  ];
}

/**
 * Where a processor has them, Linux clears and copies pages byte by byte. The emulator does so one byte at a time, each on a slow path where the
 * page held code before the last reset: a boot then takes minutes, with soft lockups in it. Without them it is eight bytes at a time.
 */
const slowStrings = '-erms,-fsrm';

/** Emulated unless the host's own acceleration is asked for: not every host that has /dev/kvm can run a guest's kernel with it. */
function acceleration(): string[] {
  return process.env['HAMN_VMLAB_ACCEL'] === 'kvm'
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', 'tcg,thread=multi', '-cpu', `max,${slowStrings}`];
}

const disk = (name: string, file: string, format: 'qcow2' | 'raw'): string[] => [
  ...['-drive', `file=${file},if=none,id=disk-${name},format=${format},cache=writeback`],
  ...['-device', `virtio-blk-pci,drive=disk-${name},serial=${name}`],
];

const nic = (id: string, tap: string, mac: string): string[] => [
  '-netdev',
  `tap,id=${id},ifname=${tap},script=no,downscript=no`,
  '-device',
  `virtio-net-pci,id=${id}-nic,netdev=${id},mac=${mac},romfile=`,
];
