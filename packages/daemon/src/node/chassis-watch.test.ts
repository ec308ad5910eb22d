import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ChassisWatch } from './chassis-watch.ts';
import { LocalFactsFile } from './local-facts.ts';

it('tells of another chassis and of interfaces that are not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hamn-chassis-'));
  const chassis = { serial: 'S1', cards: [] };
  writeFileSync(
    join(folder, 'local.json'),
    JSON.stringify({ managed: true, promotions: [], machine: { uuid: 'a', macs: [], chassis } }),
  );
  const mark = { uuid: 'a', macs: [], chassis: { serial: 'S2', cards: [] } };
  const local = new LocalFactsFile(folder, { read: () => mark, hasAddress: () => true });
  const watch = new ChassisWatch(local, () => ['eno1', 'eno2']);
  const events: string[] = [];
  watch.begin({ write: ({ event, message }) => events.push(`${event}: ${message}`) });
  expect(events).toEqual([
    'chassis.changed: The disks of this node are in another chassis: its serial number is S2, it was S1.',
  ]);
  const settings = { vips: [{ address: '10.1.0.223', prefixLength: 24, interface: 'eth1' }] };
  const problems = watch.problems(settings);
  expect(problems[0]).toContain('`hamnctl accept-machine` ends this message');
  expect(problems[1]).toContain('There is no interface eth1 here, which a VIP wants; there are eno1, eno2.');
  expect(watch.problems(undefined)).toHaveLength(1);
  rmSync(folder, { recursive: true });
});
