import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalFactsFile } from './local-facts.ts';
import { hasAddress, type MachineMark, otherMachine, readMachine } from './machine.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hamn-local-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const card = (n: number): string => `52:54:00:00:00:0${n}`;
const on = (mark: MachineMark, address = '10.0.0.1'): LocalFactsFile =>
  new LocalFactsFile(folder, { read: () => mark, hasAddress: (text) => text === address });

describe("this node's memory", () => {
  it('knows the machine and the group that it became part of, and no other', async () => {
    const first = on({ macs: [card(1), card(2)] });
    expect(first.facts('10.0.0.1')).toMatchObject({
      managed: false,
      otherMachine: undefined,
      addressHere: true,
    });
    expect(first.facts('10.0.0.2')).toMatchObject({ addressHere: false });
    await first.recordManaged('group-a');
    await first.recordManaged('group-b');
    await first.recordPromotion(7, 3);
    await first.recordLine({ token: 7, timeline: 4 });
    const again = on({ macs: [card(2)] });
    expect(again.facts(undefined)).toEqual({
      managed: true,
      identity: 'group-a',
      promotions: [{ token: 7, fromTimeline: 3 }],
      line: { token: 7, timeline: 4 },
      otherMachine: undefined,
      addressHere: true,
    });
    // A copy of another term's timeline of that number; then a promotion that makes the number anew. After a restore of etcd tokens may be lower.
    await again.recordLine({ token: 5, timeline: 4 });
    expect(again.facts(undefined)).toMatchObject({ promotions: [], line: { token: 5, timeline: 4 } });
    await again.recordPromotion(3, 3);
    expect(again.facts(undefined).promotions).toEqual([{ token: 3, fromTimeline: 3 }]);
    expect(again.facts(undefined).line).toBeUndefined();
    const clone = on({ macs: [card(3)] });
    expect(clone.facts(undefined).otherMachine).toBe(
      `its network cards are ${card(3)}, they were ${card(1)}, ${card(2)}`,
    );
    await clone.acceptMachine();
    expect(on({ macs: [card(3)] }).facts(undefined).otherMachine).toBeUndefined();
    expect(on({ macs: [card(1)] }).facts(undefined).otherMachine).toBeDefined();
  });

  it('tells another chassis from another machine, until that is accepted', async () => {
    const chassis = (serial: string, n: number): MachineMark['chassis'] => ({
      product: 'R640',
      serial,
      cards: [{ name: 'eth0', mac: card(n), slot: '0000:03:00.0' }],
    });
    const board = { uuid: 'a', macs: [card(1)] };
    const first = on({ ...board, chassis: chassis('S1', 1) });
    await first.recordManaged('group-a');
    expect(first.otherChassis()).toBeUndefined();
    const mended = on({ ...board, chassis: chassis('S1', 2) });
    expect(mended.facts(undefined).otherMachine).toBeUndefined();
    expect(mended.otherChassis()).toContain(`its network cards are eth0 ${card(2)}`);
    const moved = on({ uuid: 'b', macs: [card(3)], chassis: chassis('S2', 3) });
    expect(moved.facts(undefined).otherMachine).toBe('its mainboard is b, it was a');
    expect(moved.otherChassis()).toContain('its serial number is S2, it was S1');
    await moved.acceptMachine();
    expect(moved.otherChassis()).toBeUndefined();
    expect(moved.facts(undefined).otherMachine).toBeUndefined();
    // The disks go back: the earlier chassis is another one now.
    expect(on({ ...board, chassis: chassis('S1', 1) }).otherChassis()).toBeDefined();
  });

  it('notes the chassis of a node that an earlier version set up, of the same machine only', async () => {
    const kept = { managed: true, promotions: [], machine: { uuid: 'a', macs: [card(1)] } };
    writeFileSync(join(folder, 'local.json'), JSON.stringify(kept));
    const there = { cards: [{ name: 'eth0', mac: card(1), slot: 's' }] };
    const odd = { ...kept, machine: { ...kept.machine, chassis: 'of another version' } };
    writeFileSync(join(folder, 'local.json'), JSON.stringify(odd));
    expect(on({ uuid: 'b', macs: [] }).facts(undefined).otherMachine).toBe('its mainboard is b, it was a');
    writeFileSync(join(folder, 'local.json'), JSON.stringify(kept));
    on({ uuid: 'b', macs: [card(2)], chassis: there }).noteChassis();
    expect(readFileSync(join(folder, 'local.json'), 'utf8')).not.toContain('chassis');
    on({ uuid: 'a', macs: [card(1)], chassis: there }).noteChassis();
    expect(JSON.parse(readFileSync(join(folder, 'local.json'), 'utf8'))).toMatchObject({
      machine: { uuid: 'a', chassis: there },
    });
  });

  it('is upgraded where an earlier version wrote it, and cautious where it cannot be read', async () => {
    writeFileSync(join(folder, 'local.json'), JSON.stringify({ managed: true, promotions: [] }));
    const old = on({ macs: [card(1)] });
    expect(old.facts(undefined)).toMatchObject({
      managed: true,
      identity: undefined,
      otherMachine: undefined,
    });
    await old.recordManaged('group-a');
    expect(JSON.parse(readFileSync(join(folder, 'local.json'), 'utf8'))).toMatchObject({
      identity: 'group-a',
      machine: { macs: [card(1)] },
    });
    writeFileSync(join(folder, 'local.json'), '{"managed": tr');
    expect(on({ macs: [card(9)] }).facts(undefined)).toMatchObject({
      managed: true,
      otherMachine: undefined,
    });
  });
});

describe('a machine', () => {
  it('is its mainboard, whatever cards are in it', () => {
    expect(otherMachine({ uuid: 'a', macs: [card(1)] }, { uuid: 'a', macs: [card(2)] })).toBeUndefined();
    expect(otherMachine({ uuid: 'a', macs: [card(1)] }, { uuid: 'b', macs: [card(1)] })).toBe(
      'its mainboard is b, it was a',
    );
    expect(otherMachine({ macs: [] }, { macs: [card(1)] })).toBeUndefined();
  });

  it('is read from this one, with its addresses', () => {
    expect(readMachine().macs).toEqual([...readMachine().macs].sort());
    expect(hasAddress('192.0.2.77')).toBe(false);
    expect(hasAddress('127.0.0.1')).toBe(true);
    expect(hasAddress('2001:DB8:0:0::77')).toBe(false);
  });
});
