import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Chassis, otherChassis, readChassis } from './chassis.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hamn-chassis-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

it('is read from DMI and the cards, without bridges and what makers leave empty', () => {
  put('sys/class/dmi/id/product_name', 'PowerEdge R640\n');
  put('sys/class/dmi/id/product_serial', 'ABC1234\n');
  put('sys/class/dmi/id/board_serial', 'Not Specified\n');
  put('sys/class/net/eth1/address', '52:54:00:AA:00:01\n');
  put('sys/class/net/br0/address', '52:54:00:aa:00:09\n');
  put('sys/class/net/usb0/address', '52:54:00:aa:00:08\n');
  put('sys/class/net/eth2/address', '52:54:00:aa:00:07\n');
  put('sys/class/net/eth2/addr_assign_type', '1\n');
  for (const [name, slot] of [
    ['eth1', '0000:03:00.1'],
    ['usb0', '1-14.3:1.0'],
    ['eth2', 'virtio2'],
  ])
    symlinkSync(`../../../${slot}`, join(root, `sys/class/net/${name}/device`));
  expect(readChassis(root)).toEqual({
    product: 'PowerEdge R640',
    serial: 'ABC1234',
    board: undefined,
    cards: [{ name: 'eth1', mac: '52:54:00:aa:00:01', slot: '0000:03:00.1' }],
  });
  expect(readChassis(join(root, 'nothing')).cards).toEqual([]);
});

it('is told apart by what both know', () => {
  const card = { name: 'eth0', mac: '52:54:00:00:00:01', slot: '0000:03:00.0' };
  const was: Chassis = { product: 'R640', serial: 'A', cards: [card] };
  expect(otherChassis(was, { serial: 'A', board: 'B', cards: [{ ...card, name: 'eth1' }] })).toBeUndefined();
  expect(otherChassis({ cards: [] }, was)).toBeUndefined();
  expect(otherChassis(was, { ...was, serial: 'B', cards: [{ ...card, mac: '52:54:00:00:00:02' }] })).toBe(
    'its serial number is B, it was A; its network cards are eth0 52:54:00:00:00:02 (0000:03:00.0); they were eth0 52:54:00:00:00:01 (0000:03:00.0)',
  );
});
