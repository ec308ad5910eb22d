import { expect, test } from 'vitest';
import { machineOf } from '../lab/index.ts';
import { layoutOf, portOf } from '../lab/layout.ts';
import { qemuCommand } from './qemu-command.ts';
import { vmFiles } from './vm-layout.ts';

const command = (node: string): string =>
  qemuCommand(machineOf(node), vmFiles(layoutOf('vmunit'), node), '/image', 'f00d').join(' ');

test('the disk honours the guest’s flushes: a proof of durability must not rest on a lie', () => {
  expect(command('mn1')).toContain('cache=writeback');
  expect(command('mn1')).not.toContain('unsafe');
});

test('the machine hangs on the lab’s own switch port, with the MAC by which the clients know it', () => {
  expect(command('mn2')).toContain(`ifname=${portOf('mn2')}`);
  expect(command('mn2')).toContain(`mac=${machineOf('mn2').mac}`);
});

test('the kernel learns the addresses that the lab gives this machine', () => {
  expect(command('wit1')).toContain('vmlab.ipv4=10.99.0.13/24');
  expect(command('wit1')).toContain('vmlab.control=10.98.0.13/24');
  expect(command('wit1')).toContain('systemd.hostname=wit1');
});

test('an emulated processor does not offer what only real ones are fast at', () => {
  expect(command('mn1')).toContain('-cpu max,-erms,-fsrm');
});

test('further disks come after the one that it boots from, each with its name as serial number', () => {
  const files = vmFiles(layoutOf('vmunit'), 'mn1');
  const words = qemuCommand(machineOf('mn1'), files, '/image', 'f00d', [{ name: 'data', file: '/d.raw' }]);
  const devices = words.filter((word) => word.startsWith('virtio-blk-pci'));
  expect(devices).toEqual([
    'virtio-blk-pci,drive=disk-root,serial=root',
    'virtio-blk-pci,drive=disk-data,serial=data',
  ]);
  expect(words).toContain('file=/d.raw,if=none,id=disk-data,format=raw,cache=writeback');
});
