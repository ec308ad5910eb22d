import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { always } from '@hamn/engine';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { header, type Real84, real84 } from '../testing/real-drbd-84.ts';
import { callOf, done, failed, looked, Scene, settingsOf } from '../testing/scene.ts';
import { judgeDrbd } from './judge.ts';
import { parseProcDrbd } from './proc-drbd.ts';
import { parseStatus } from './status-json.ts';

/**
 * What real DRBD 8.4.11 wrote is in testing/real-drbd-84.ts. The rest is what it writes by its documentation; of 9 no real one was met. /proc/drbd: the DRBD 8.4 User's Guide, "Status information in
 * /proc/drbd"; JSON: drbd-utils 9 (drbdsetup.c), in the forms that utilities for it are tested with.
 */
const header84 = `version: 8.4.11 (api:1/proto:86-101)
srcversion: FC3433D849E3B88C1E7B55C
`;

const proc84 = `${header84} 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----
    ns:0 nr:0 dw:0 dr:912 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0
 1: cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----
    ns:0 nr:1024 dw:1024 dr:0 al:0 bm:5 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:9216
	[=>..................] sync'ed: 12.5% (9216/10240)K
	finish: 0:00:15 speed: 512 (512) K/sec
 2: cs:Unconfigured
 3: cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----
    ns:0 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:4
`;

const status = (more: object = {}, connection: object = {}, volume: object = {}): string =>
  JSON.stringify([
    {
      name: 'r0',
      'node-id': 0,
      role: 'Primary',
      suspended: false,
      'write-ordering': 'flush',
      devices: [
        { volume: 0, minor: 0, 'disk-state': 'UpToDate', client: false, quorum: true, size: 131_032 },
      ],
      connections: [
        {
          'peer-node-id': 1,
          name: 'mn2',
          'connection-state': 'Connected',
          congested: false,
          'peer-role': 'Secondary',
          peer_devices: [
            {
              volume: 0,
              'replication-state': 'Established',
              'peer-disk-state': 'UpToDate',
              'peer-client': false,
              'out-of-sync': 0,
              'percent-in-sync': 100,
              ...volume,
            },
          ],
          ...connection,
        },
      ],
      ...more,
    },
  ]);

const judged84 = (minor: number) => {
  const state = parseProcDrbd(proc84)?.devices.get(minor);
  return state === undefined ? undefined : judgeDrbd('r0', state);
};
const judged9 = (...more: readonly object[]) => {
  const state = parseStatus(status(...more), 'r0');
  return state === undefined || state === 'unreadable' ? state : judgeDrbd('r0', state);
};

describe('/proc/drbd of 8.4', () => {
  it('tells of each device', () => {
    expect(parseProcDrbd(proc84)?.version).toBe('8.4.11');
    expect(judged84(0)).toEqual({ level: 'promoted', sure: false, reason: undefined, copy: undefined });
    expect(judged84(1)).toEqual({
      level: 'running',
      sure: false,
      reason: 'It is being synchronised with the other node (SyncTarget, 12.5 % are done).',
      copy: 'stale',
    });
    expect(judged84(2)).toBeUndefined();
    expect(judged84(3)?.reason).toContain('`drbdadm connect --discard-my-data r0`');
  });

  it('is read or refused, whatever it is', () => {
    expect(parseProcDrbd('no drbd')).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => void parseProcDrbd(header84 + text)));
  });
});

describe('what a real DRBD 8.4.11 wrote', () => {
  const judge = (state: Real84) => {
    const read = parseProcDrbd(header + real84[state])?.devices.get(0);
    return read === undefined ? undefined : judgeDrbd('xcat', read);
  };

  it.each([
    ['down', undefined, undefined, undefined],
    ['unconfigured', undefined, undefined, undefined],
    ['neverSynchronised', 'running', 'stale', /not connected.*inconsistent, so it cannot be promoted/],
    ['bothInconsistent', 'running', 'stale', /inconsistent, so it cannot be promoted/],
    ['syncSource', 'promoted', undefined, /SyncSource, 9\.4 % are done/],
    ['syncTarget', 'running', 'stale', /SyncTarget, 18\.2 % are done/],
    ['primary', 'promoted', undefined, undefined],
    ['secondary', 'running', undefined, undefined],
    ['primaryAlone', 'promoted', 'ahead', /what is written here is here alone/],
    ['secondaryCutOff', 'running', 'parted', /not connected to the other node \(WFConnection\)/],
    ['outdated', 'running', 'stale', /outdated, so it cannot be promoted/],
    ['splitBrain', 'promoted', 'ahead', /`drbdadm connect --discard-my-data xcat`/],
    ['disklessPrimary', 'promoted', undefined, /works with the data of the other/],
    ['disklessSecondary', 'running', 'stale', /Its disk is Diskless/],
    ['primaryResynced', 'promoted', undefined, /SyncTarget, 3\.2 % are done/],
  ] as const)('%s', (state, level, copy, reason) => {
    const found = judge(state);
    expect([found?.level, found?.copy]).toEqual([level, copy]);
    if (reason === undefined) expect(found?.reason).toBeUndefined();
    else expect(found?.reason).toMatch(reason);
  });
});

describe('drbdsetup status of 9', () => {
  it('says when all is well', () => {
    expect(judged9()).toMatchObject({ level: 'promoted', sure: false, reason: undefined });
    expect(judged9({ role: 'Secondary' })).toMatchObject({ level: 'running', reason: undefined });
  });

  it.each([
    [{}, { 'connection-state': 'StandAlone' }, {}, 'promoted', /gave up the connection to mn2/],
    [{}, { 'connection-state': 'Connecting' }, {}, 'promoted', /not connected to mn2 \(Connecting\)/],
    [
      { role: 'Secondary', devices: [{ 'disk-state': 'Inconsistent' }] },
      {},
      { 'replication-state': 'SyncTarget', 'percent-in-sync': 42.5 },
      'running',
      /SyncTarget, 42\.5 % are done/,
    ],
    [{ devices: [{ 'disk-state': 'Diskless' }] }, {}, {}, 'promoted', /works with the data of the other/],
    [
      { devices: [{ 'disk-state': 'Failed' }] },
      { 'connection-state': 'Connecting' },
      {},
      'failed',
      /no other node has the data/,
    ],
    [{ devices: [{ 'disk-state': 'UpToDate', quorum: false }] }, {}, {}, 'promoted', /no quorum/],
    [
      { role: 'Secondary', devices: [{ 'disk-state': 'Outdated' }] },
      { 'connection-state': 'Connecting' },
      {},
      'running',
      /outdated, so it cannot be promoted/,
    ],
    [{}, {}, { 'peer-disk-state': 'Inconsistent' }, 'promoted', /disk of mn2 is Inconsistent/],
  ])('says what is wrong: %j %j %j', (resource, connection, volume, level, reason) => {
    expect(judged9(resource, connection, volume)).toMatchObject({
      level,
      reason: expect.stringMatching(reason),
    });
  });

  it('is read or refused, whatever it is', () => {
    expect(parseStatus('[\n]\n', 'r0')).toBeUndefined();
    expect(parseStatus('r0 role:Primary', 'r0')).toBe('unreadable');
    fc.assert(fc.property(fc.json(), (text) => void parseStatus(text, 'r0')));
  });
});

describe('a DRBD resource, by a double of its programs', () => {
  let scene: Scene;
  let base: Scene;
  beforeEach(() => {
    base = new Scene();
  });
  afterEach(async () => {
    await scene.remove();
    await base.remove();
  });

  /** Keeps the role in a file; a `refusals` file makes that many promotions fail. */
  function double(version: '8.4' | '9'): void {
    const folder = base.path('programs');
    mkdirSync(folder);
    const [state, proc, refusals] = ['state', 'proc', 'refusals'].map((name) => base.path(name));
    const row =
      version === '9'
        ? 'version: 9.2.8 (api:2/proto:86-122)'
        : 'version: 8.4.11 (api:1/proto:86-101)\\n 0: cs:Connected ro:$1/Secondary ds:UpToDate/UpToDate C r-----';
    writeFileSync(
      join(folder, 'drbdadm'),
      `#!/bin/bash
echo "$@" >>${base.path('calls')}
show() { printf '${row.replace('$1', '%s')}\\n' $1 >${proc}; }
case $1 in
up) echo Secondary >${state}; show Secondary ;;
primary)
  if [ -s ${refusals} ]; then
    sed -i 1d ${refusals}; echo "0: State change failed: (-1) Multiple primaries not allowed by config" >&2; exit 11
  fi
  echo Primary >${state}; show Primary ;;
secondary) echo Secondary >${state}; show Secondary ;;
down) rm ${state}; printf 'version: ${version}.1\\n' >${proc} ;;
esac
`,
      { mode: 0o755 },
    );
    writeFileSync(
      join(folder, 'drbdsetup'),
      `#!/bin/bash
[ -e ${state} ] || exit 10
[ -e ${base.path('cut')} ] && connections='{"name":"mn2","connection-state":"Connecting"}'
printf '[{"name":"r0","role":"%s","devices":[{"disk-state":"UpToDate"}],"connections":[%s]}]' $(cat ${state}) "$connections"
`,
      { mode: 0o755 },
    );
    scene = new Scene({
      drbdState: proc,
      programFolders: [folder],
      launcher: ['/usr/bin/env', '--'],
      mountTable: '/proc/self/mountinfo',
    });
    refuse(0);
  }
  /** The connection is gone; the role is what it was. */
  const cutOff = (): void => {
    writeFileSync(base.path('cut'), '');
    const proc = readFileSync(base.path('proc'), 'utf8');
    writeFileSync(base.path('proc'), proc.replace('cs:Connected', 'cs:WFConnection'));
  };
  const refuse = (times: number): void => writeFileSync(base.path('refusals'), 'x\n'.repeat(times));
  const calls = (): readonly string[] => readFileSync(base.path('calls'), 'utf8').trim().split('\n');

  const r0 = callOf(settingsOf('r0', { kind: 'drbd', resource: 'r0', device: '/dev/drbd0' }));

  it.each(['8.4', '9'] as const)('of %s lives its whole life', async (version) => {
    double(version);
    expect(await scene.port.look(r0)).toMatchObject(looked('stopped'));
    expect(await scene.port.stop(r0)).toEqual(done);
    expect(await scene.port.start(r0, () => false)).toMatchObject(failed('over', 'term ended'));
    expect(await scene.port.start(r0, always)).toEqual(done);
    expect(await scene.port.look(r0)).toMatchObject(looked('running'));
    expect(await scene.port.promote(r0, always)).toEqual(done);
    expect(await scene.port.look(r0)).toMatchObject(looked('promoted'));
    expect(await scene.port.demote(r0)).toEqual(done);
    expect(await scene.port.promote(r0, always)).toEqual(done);
    expect(await scene.port.stop(r0)).toEqual(done);
    expect(await scene.port.look(r0)).toMatchObject(looked('stopped'));
    expect(calls()).toEqual(['up r0', 'primary r0', 'secondary r0', 'primary r0', 'secondary r0', 'down r0']);
  });

  it.each(['8.4', '9'] as const)('of %s is marked as outdated only while it is cut off', async (version) => {
    double(version);
    expect(await scene.port.start(r0, always)).toEqual(done);
    expect(await scene.port.outdate(r0)).toEqual(done);
    expect(calls()).toEqual(['up r0']);
    cutOff();
    expect(await scene.port.outdate(r0)).toEqual(done);
    expect(calls()).toEqual(['up r0', 'outdate r0']);
    expect(await scene.port.promote(r0, always)).toEqual(done);
    cutOff();
    expect(await scene.port.outdate(r0)).toEqual(done);
    expect(calls().at(-1)).toBe('primary r0');
  });

  it('is promoted again until the other node is known to be dead, or the limit comes', async () => {
    double('9');
    expect(await scene.port.start(r0, always)).toEqual(done);
    refuse(2);
    expect(await scene.port.promote(r0, always)).toEqual(done);
    expect(await scene.port.demote(r0)).toEqual(done);
    refuse(1000);
    const late = await scene.port.promote({ ...r0, limitMs: 2000 }, always);
    expect(late).toMatchObject(failed('failed', /exit code 11\. It said: .*Multiple primaries/));
  });
});
