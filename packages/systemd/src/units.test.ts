import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from 'dbus-native';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pathOfUnit } from './bus-path.ts';
import { ownershipText, writeIfChanged } from './drop-in.ts';
import { type Answer, fakeSystemd } from './testing/fake-systemd.ts';
import { realClock } from './testing/real-clock.ts';
import { createUnits } from './units.ts';

let directory = '';
const cleanUp: (() => void)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hamn-units-'));
});
afterEach(() => {
  for (const run of cleanUp.splice(0).reverse()) run();
  rmSync(directory, { recursive: true, force: true });
});

const socket = (): string => join(directory, 'private');

function unitsAt(address: string): ReturnType<typeof createUnits> {
  const units = createUnits({ busAddress: address, runtimeDirectory: directory }, { clock: realClock });
  cleanUp.push(() => units.close());
  return units;
}

const row = (unit: string, active: string, sub: string, jobId = 0): unknown[] => [
  unit,
  '',
  'loaded',
  active,
  sub,
  '',
  '/',
  jobId,
  '',
  '/',
];

const active =
  (state: () => string) =>
  (call: Message): Answer => {
    if (call.member === 'ListUnitsByNames') {
      return { signature: 'a(ssssssouso)', body: [[row('x.service', state(), 'running')]] };
    }
    if (call.member === 'Get') return { signature: 'v', body: [['s', 'success']] };
    if (call.member === 'GetAll')
      return {
        signature: 'a{sv}',
        body: [
          [
            ['UnitFileState', ['s', 'enabled']],
            ['WantedBy', ['as', ['multi-user.target']]],
          ],
        ],
      };
    return { error: 'org.freedesktop.DBus.Error.UnknownMethod' };
  };

describe('units over D-Bus', () => {
  it('says unreachable when systemd is not there, within the limit', async () => {
    const units = unitsAt(`unix:path=${socket()}`);
    const views = await units.observe(['x.service'], 500);
    expect(views).toMatchObject({ ok: false, error: { code: 'unreachable' } });
  });

  it('says timeout when systemd accepts and is silent', async () => {
    const server = createNetServer(() => undefined).listen(socket());
    cleanUp.push(() => server.close());
    const units = unitsAt(`unix:path=${socket()}`);
    const start = performance.now();
    const views = await units.observe(['x.service'], 100);
    expect(views).toMatchObject({ ok: false, error: { code: 'timeout' } });
    expect(performance.now() - start).toBeLessThan(400);
  });

  it('connects by itself when systemd comes', async () => {
    const units = unitsAt(`unix:path=${socket()}`);
    await units.observe(['x.service'], 50);
    const systemd = await fakeSystemd(
      socket(),
      active(() => 'active'),
    );
    cleanUp.push(() => systemd.close());
    const views = await units.observe(['x.service'], 1000);
    expect(views).toMatchObject({ ok: true, value: [{ active: 'active', enabled: true, loaded: true }] });
  });

  it('asks again on a new connection when the old one breaks', async () => {
    const systemd = await fakeSystemd(
      socket(),
      active(() => 'active'),
    );
    cleanUp.push(() => systemd.close());
    const units = unitsAt(systemd.address);
    await units.observe(['x.service'], 1000);
    systemd.drop();
    expect(await units.observe(['x.service'], 1000)).toMatchObject({ ok: true });
  });

  it('asks for the state each time and for what changes rarely once', async () => {
    let state = 'active';
    const systemd = await fakeSystemd(
      socket(),
      active(() => state),
    );
    cleanUp.push(() => systemd.close());
    const units = unitsAt(systemd.address);
    await units.observe(['x.service'], 1000);
    const gets = systemd.calls.filter((call) => call.member?.startsWith('Get')).length;
    state = 'failed';
    expect(await units.observe(['x.service'], 1000)).toMatchObject({
      ok: true,
      value: [{ active: 'failed' }],
    });
    expect(systemd.calls.filter((call) => call.member?.startsWith('Get')).length).toBe(gets);
  });

  it('remembers for a while that one is hamn’s, and forgets it when systemd tells of new files', async () => {
    const dropIn = join(directory, 'x.service.d', '50-hamn.conf');
    await writeIfChanged(dropIn, ownershipText('x.service', false));
    const owned = [
      ['LoadState', ['s', 'loaded']],
      ['UnitFileState', ['s', 'disabled']],
      ['NeedDaemonReload', ['b', false]],
      ['DropInPaths', ['as', [dropIn]]],
    ];
    let restart = 'no';
    const systemd = await fakeSystemd(socket(), (call) => {
      if (call.member === 'GetAll') return { signature: 'a{sv}', body: [owned] };
      if (call.member === 'Get')
        return { signature: 'v', body: [['s', call.body?.[1] === 'Restart' ? restart : 'success']] };
      return active(() => 'inactive')(call);
    });
    cleanUp.push(() => systemd.close());
    const units = unitsAt(systemd.address);
    expect(await units.wasOwned('x.service')).toBe(false);
    await units.observe(['x.service'], 1000);
    expect(await units.wasOwned('x.service')).toBe(true);
    restart = 'always';
    const manager = 'org.freedesktop.systemd1.Manager';
    systemd.signal('/org/freedesktop/systemd1', manager, 'UnitFilesChanged', '', []);
    await vi.waitFor(async () => expect(await units.wasOwned('x.service')).toBe(false), 2000);
    await units.observe(['x.service'], 1000);
    expect(await units.wasOwned('x.service')).toBe(false);
  });

  it('makes a socket hamn’s, which has no service’s properties', async () => {
    const path = join(directory, 'tftp.socket.d', '50-hamn.conf');
    const systemd = await fakeSystemd(socket(), (call) => {
      if (call.member === 'GetAll')
        return {
          signature: 'a{sv}',
          body: [
            [
              ['LoadState', ['s', 'loaded']],
              ['UnitFileState', ['s', 'disabled']],
              ['NeedDaemonReload', ['b', false]],
              ['DropInPaths', ['as', [path]]],
            ],
          ],
        };
      if (call.member === 'Reload') return { signature: '', body: [] };
      if (call.member === 'ListUnitsByNames')
        return { signature: 'a(ssssssouso)', body: [[row('tftp.socket', 'inactive', 'dead')]] };
      return { error: 'org.freedesktop.DBus.Error.UnknownProperty' };
    });
    cleanUp.push(() => systemd.close());
    const units = unitsAt(systemd.address);
    expect(await units.own('tftp.socket', 2000)).toEqual({ ok: true, value: undefined });
    await units.observe(['tftp.socket'], 1000);
    expect(await units.wasOwned('tftp.socket')).toBe(true);
  });

  it('sees that one which rests is about to start: a restart passes through inactive', async () => {
    const systemd = await fakeSystemd(socket(), (call) =>
      call.member === 'ListUnitsByNames'
        ? { signature: 'a(ssssssouso)', body: [[row('x.service', 'inactive', 'dead', 7)]] }
        : active(() => '')(call),
    );
    cleanUp.push(() => systemd.close());
    expect(await unitsAt(systemd.address).observe(['x.service'], 1000)).toMatchObject({
      ok: true,
      value: [{ active: 'activating' }],
    });
  });

  it('does not take a row from before for the end of a start', async () => {
    const jobPath = '/org/freedesktop/systemd1/job/7';
    const states = ['inactive', 'activating', 'active'];
    const systemd = await fakeSystemd(socket(), (call) => {
      if (call.member === 'StartUnit') return { signature: 'o', body: [jobPath] };
      if (call.member !== 'ListUnitsByNames') return active(() => '')(call);
      const [state = ''] = states.length > 1 ? states.splice(0, 1) : states;
      // The end is told while the row from before is under way.
      if (state === 'activating')
        systemd.signal(
          '/org/freedesktop/systemd1',
          'org.freedesktop.systemd1.Manager',
          'JobRemoved',
          'uoss',
          [7, jobPath, 'x.service', 'done'],
        );
      const job = state === 'activating' ? 7 : 0;
      return { signature: 'a(ssssssouso)', body: [[row('x.service', state, 'running', job)]] };
    });
    cleanUp.push(() => systemd.close());
    expect(await unitsAt(systemd.address).start('x.service', 5000, () => true)).toMatchObject({ ok: true });
    expect(states).toEqual(['active']);
  });

  it('tells at once when an observed unit changes, and not of others', async () => {
    const systemd = await fakeSystemd(
      socket(),
      active(() => 'active'),
    );
    cleanUp.push(() => systemd.close());
    const units = unitsAt(systemd.address);
    await units.observe(['x.service'], 1000);
    let told = 0;
    const first = new Promise<void>((resolve) => {
      units.watch(() => {
        told += 1;
        resolve();
      });
    });
    const change = (unit: string): void =>
      systemd.signal(pathOfUnit(unit), 'org.freedesktop.DBus.Properties', 'PropertiesChanged', 'sa{sv}as', [
        'org.freedesktop.systemd1.Unit',
        [
          ['ActiveState', ['s', 'failed']],
          ['SubState', ['s', 'failed']],
        ],
        [],
      ]);
    change('other.service');
    change('x.service');
    change('x.service');
    await first;
    await units.observe(['x.service'], 1000);
    expect(told).toBe(1);
  });
});
