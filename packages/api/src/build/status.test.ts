import {
  type GroupKey,
  type GroupSettings,
  type GroupView,
  nodeId,
  profiles,
  type RawEntry,
  type ResourceSettings,
  readGroup,
  revision,
} from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { statusSchema } from '../status.ts';
import { planFailover, planSwitchover } from '../switchover-checks.ts';
import { buildExplainFromGroup } from './explain.ts';
import { buildStatusFromGroup } from './status.ts';

const settings: GroupSettings = {
  cluster: 'lab',
  group: 'mn',
  timings: profiles.default,
  failover: 'automatic',
  nodes: [
    { name: nodeId('mn1'), address: '10.0.0.1', role: 'data', priority: 100, apiPort: 7443 },
    { name: nodeId('mn2'), address: '10.0.0.2', role: 'data', priority: 100, apiPort: 7443 },
    { name: nodeId('wit1'), address: '10.0.0.3', role: 'witness', priority: 0, apiPort: 7443 },
  ],
  vips: [{ address: '10.0.0.10', prefixLength: 24, interface: 'eth0' }],
  postgres: {
    mode: 'synchronous',
    maxLagBytes: 1,
    unit: 'pg.service',
    dataDirectory: '/d',
    includeDirectory: '/i',
    binDirectory: '/b',
    port: 5432,
    user: 'hamn',
    passwordFile: '/p',
    osUser: 'postgres',
    startTimeoutMs: 1,
    stopTimeoutMs: 1,
    promoteTimeoutMs: 1,
    keepDivergedMs: 1,
    restarts: 1,
    restartWindowMs: 1,
    onCrash: 'faster',
    storageTimeoutMs: 1,
  },
  resources: [],
  fencing: undefined,
};

const member = (node: string, more: object): object => ({
  node,
  version: '0.1.0',
  address: `10.0.0.${node.at(-1)}`,
  role: 'standby',
  doing: 'Follows mn1.',
  healthy: true,
  problems: [],
  ...more,
});

const healthy: Readonly<Record<string, unknown>> = {
  leader: { kind: 'held', holder: 'mn1', nonce: 'n', termMs: 3000 },
  heartbeat: { holder: 'mn1', nonce: 'n', sequence: 5, lsn: '0/3000100' },
  state: { electorate: ['mn1', 'mn2'], synchronous: ['mn1', 'mn2'], promotions: [] },
  lease: { holder: 'mn1', token: 7 },
  'members/mn1': member('mn1', {
    role: 'primary',
    doing: 'Holds the term.',
    vips: ['10.0.0.10'],
    postgres: { state: 'primary', timeline: 3, lsn: '0/3000080' },
  }),
  'members/mn2': member('mn2', {
    postgres: { state: 'standby', timeline: 3, lsn: '0/3000000', streaming: true },
    candidacy: { eligible: true, reasons: ['It has all that a primary needs.'] },
  }),
  'members/wit1': member('wit1', { role: 'witness', doing: 'Votes.' }),
};

/** The healthy group with some keys changed; undefined removes one. */
function view(changes: Readonly<Record<string, unknown>> = {}): GroupView {
  const entries = new Map<GroupKey, RawEntry>();
  for (const [key, value] of Object.entries({ ...healthy, ...changes })) {
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    entries.set(key as GroupKey, { value: text, mod: revision(key === 'config' ? 9 : 7) });
  }
  return readGroup({ revision: revision(20), clusterId: '1', entries });
}

const status = (
  changes?: Readonly<Record<string, unknown>>,
  given = settings,
): ReturnType<typeof buildStatusFromGroup> =>
  buildStatusFromGroup({
    cluster: 'lab',
    group: 'mn',
    node: 'mn2',
    source: 'etcd',
    atWallMs: 1000,
    view: view(changes),
    settings: given,
  });

const texts = (changes: Readonly<Record<string, unknown>>): readonly string[] =>
  status(changes).problems.map(({ severity, text }) => `${severity}: ${text}`);

describe('the status of a healthy group', () => {
  it('has no problems and tells who does what', () => {
    const document = status();
    expect(document.problems).toEqual([]);
    expect(document.primary).toEqual({ node: 'mn1', token: 7, sinceWallMs: undefined, heardOf: true });
    expect(document.term).toEqual({ kind: 'held', node: 'mn1', token: 7, termMs: 3000 });
    expect(document.vips).toEqual([{ address: '10.0.0.10/24', interface: 'eth0', holder: 'mn1' }]);
    expect(document.replication).toEqual({
      mode: 'synchronous',
      synchronous: ['mn1', 'mn2'],
      degraded: false,
    });
    expect(document.nodes.map((node) => [node.name, node.role, node.postgres?.lagBytes])).toEqual([
      ['mn1', 'primary', undefined],
      ['mn2', 'standby', 256],
      ['wit1', 'witness', undefined],
    ]);
  });

  it('tells of how many standbys each has a write in mode quorum, and is degraded with fewer than it asks for', () => {
    const { postgres } = settings;
    if (postgres === undefined) throw new Error('The sample has a database.');
    const quorum = { ...settings, postgres: { ...postgres, mode: 'quorum' as const, quorum: 2 } };
    const state = (synchronous: readonly string[], count?: number): object => ({
      electorate: ['mn1', 'mn2', 'mn3', 'mn4'],
      synchronous,
      promotions: [],
      ...(count === undefined ? {} : { quorum: count }),
    });
    const full = status({ state: state(['mn1', 'mn2', 'mn3', 'mn4'], 2) }, quorum).replication;
    expect(full).toMatchObject({ mode: 'quorum', quorum: 2, degraded: false });
    expect(status({ state: state(['mn1', 'mn2', 'mn3']) }, quorum).replication?.degraded).toBe(false);
    const left = status({ state: state(['mn1', 'mn2']) }, quorum);
    expect(left.replication?.degraded).toBe(true);
    expect(left.problems.map(({ text }) => text)).toContain(
      '1 of the 2 standbys that mode quorum asks for acknowledge writes now.',
    );
  });

  it('is degraded in mode strict, whose record stays as it is, as soon as no standby streams', () => {
    const { postgres } = settings;
    const strict =
      postgres === undefined ? settings : { ...settings, postgres: { ...postgres, mode: 'strict' as const } };
    expect(status({}, strict).replication?.degraded).toBe(false);
    const lagging = member('mn2', {
      postgres: { state: 'standby', timeline: 3, lsn: '0/3000000', streaming: false },
    });
    for (const gone of [undefined, lagging]) {
      const alone = status({ 'members/mn2': gone }, strict);
      expect(alone.replication?.degraded).toBe(true);
      const told = alone.problems.map(({ severity, text }) => `${severity}: ${text}`);
      expect(told).toContain(
        'error: No standby acknowledges writes, and mode strict does not write without one: the database waits.',
      );
    }
  });

  it('tells how far a server is that replays WAL', () => {
    const recovery = '128 MB of 192 MB of WAL are replayed (66 %)';
    const starting = member('mn2', { postgres: { state: 'starting', recovery } });
    const [, mn2] = status({ 'members/mn2': starting }).nodes;
    expect(mn2?.postgres).toMatchObject({ state: 'starting', recovery });
  });

  it('goes through JSON unchanged', () => {
    const document = status();
    expect(statusSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(
      JSON.parse(JSON.stringify(document)),
    );
  });

  it('works without settings', () => {
    const bare = buildStatusFromGroup({
      cluster: 'lab',
      group: 'mn',
      node: 'mn2',
      source: 'etcd',
      atWallMs: 1,
      view: view(),
      missing: ['The settings cannot be read.'],
    });
    expect(bare.nodes.map((node) => node.name)).toEqual(['mn1', 'mn2', 'wit1']);
    expect(bare.missing).toEqual(['The settings cannot be read.']);
    expect(bare.problems).toEqual([]);
  });

  it('has reasons for each node', () => {
    const explained = buildExplainFromGroup({
      cluster: 'lab',
      group: 'mn',
      node: 'mn2',
      source: 'etcd',
      atWallMs: 1,
      view: view({
        'members/mn2': member('mn2', {
          candidacy: { eligible: true, reasons: ['It has all that a primary needs.'] },
          rules: [{ rule: 'follow', band: 'role', because: 'It streams from mn1.' }],
        }),
        'members/wit1': member('wit1', { role: 'witness', rules: [{ rule: 'x', band: 'of tomorrow' }] }),
      }),
      settings,
    });
    expect(explained.nodes[2]).toMatchObject({ name: 'wit1', role: 'witness', rules: undefined });
    expect(explained.nodes[1]).toEqual({
      name: 'mn2',
      role: 'standby',
      doing: 'Follows mn1.',
      candidacy: { eligible: true, reasons: ['It has all that a primary needs.'] },
      problems: [],
      rules: [{ rule: 'follow', band: 'role', because: 'It streams from mn1.' }],
    });
  });
});

describe('problems', () => {
  it('a group that was never set up', () => {
    const nothing = Object.fromEntries(Object.keys(healthy).map((key) => [key, undefined]));
    expect(texts(nothing)[0]).toBe(
      'error: The group mn of cluster lab has not been set up: etcd holds no term.',
    );
  });

  it('a leader key that is gone', () => {
    expect(texts({ leader: undefined })[0]).toBe(
      'error: The key leader is gone though others of this group are there; hamn never makes it anew by itself.',
    );
  });

  it('a half-written key', () => {
    expect(texts({ state: '{"elec' })[0]).toBe('error: The key state does not hold JSON.');
    expect(texts({ 'members/mn2': '{' })[0]).toBe('error: The key members/mn2 does not hold JSON.');
  });

  it('a dead primary is one error, not many', () => {
    expect(texts({ lease: undefined, 'members/mn1': undefined })).toEqual([
      'error: mn1 holds the term, but is not heard of.',
    ]);
  });

  it('a dead standby', () => {
    expect(texts({ 'members/mn2': undefined })).toEqual(['warning: mn2 is not heard of.']);
  });

  it('two that say that they are primary', () => {
    const two = member('mn2', { role: 'primary', vips: ['10.0.0.10/24'] });
    expect(texts({ 'members/mn2': two })).toEqual([
      'error: mn1 and mn2 both say that they are primary; the term is held by mn1.',
      'error: mn2 has the VIP 10.0.0.10 without holding the term.',
    ]);
  });

  it('a dead primary whose last word outlives its term is no second primary', () => {
    const entries = new Map(view().members);
    const dead = entries.get(nodeId('mn1'));
    if (dead?.kind !== 'present') throw new Error('the scene has changed');
    const taken = view({ leader: { kind: 'held', holder: 'mn2', nonce: 'm', termMs: 3000 } });
    entries.set(nodeId('mn1'), { ...dead, mod: revision(6) });
    const told = buildStatusFromGroup({
      cluster: 'lab',
      group: 'mn',
      node: 'mn2',
      source: 'etcd',
      atWallMs: 1000,
      view: { ...taken, members: entries },
      settings,
    });
    expect(told.nodes[0]).toMatchObject({ role: 'starting', vips: [] });
    expect(told.problems.filter(({ text }) => text.includes('both say'))).toEqual([]);
  });

  it('a VIP that nobody has', () => {
    expect(texts({ 'members/mn1': member('mn1', { role: 'primary' }) })).toEqual([
      'error: Nobody has the VIP 10.0.0.10: clients cannot reach the primary mn1.',
    ]);
  });

  it('no standby that acknowledges, follows or could lead', () => {
    const lame = member('mn2', {
      postgres: { state: 'starting', streaming: false },
      candidacy: { eligible: false, reasons: ['PostgreSQL does not run on it.'] },
    });
    expect(
      texts({ 'members/mn2': lame, state: { electorate: ['mn1'], synchronous: ['mn1'], promotions: [] } }),
    ).toEqual([
      'warning: No standby could take over now. mn2: PostgreSQL does not run on it.',
      'warning: No standby acknowledges writes now: if the primary’s disk is lost, so are the newest ones.',
      'warning: mn2 does not receive changes from mn1 (PostgreSQL there: starting).',
    ]);
  });

  it('a pause, another version, old settings', () => {
    expect(
      texts({
        pause: { by: 'root', reason: 'new switch', sinceWallMs: 1 },
        config: 'version: 1',
        'members/wit1': member('wit1', {
          role: 'witness',
          version: '0.2.0',
          configRevision: 8,
        }),
        'members/mn1': member('mn1', {
          role: 'primary',
          vips: ['10.0.0.10'],
          postgres: { state: 'primary', timeline: 3, lsn: '0/3000080' },
        }),
        'members/mn2': member('mn2', {
          postgres: { state: 'standby', timeline: 3, lsn: '0/3000000', streaming: true },
          candidacy: { eligible: true, reasons: ['It has all that a primary needs.'] },
        }),
      }),
    ).toEqual([
      'warning: Paused by root: new switch. Nobody takes over by itself.',
      'warning: wit1 still runs older settings (revision 8, the newest is 9).',
      'warning: The nodes run different versions of hamn: 0.1.0 on mn1, mn2; 0.2.0 on wit1.',
    ]);
  });

  it('a released term that nobody took', () => {
    const leader = { kind: 'released', by: 'mn1', to: 'mn2', nonce: 'n', termMs: 3000 };
    expect(status({ leader }).term).toEqual({
      kind: 'released',
      node: 'mn1',
      to: 'mn2',
      token: 7,
      termMs: 3000,
    });
    expect(texts({ leader, 'members/mn1': member('mn1', {}) })).toEqual([
      'warning: There is no primary: mn1 released the term to mn2, which has not taken it yet.',
    ]);
  });
});

it('nothing follows from keys that have not been read', () => {
  const unread: GroupView = { ...readGroup({ revision: revision(0), clusterId: '', entries: new Map() }) };
  const document = buildStatusFromGroup({
    cluster: 'lab',
    group: 'mn',
    node: 'mn2',
    source: 'hamnd',
    atWallMs: 1,
    view: unread,
    settings,
  });
  expect(document.problems).toEqual([]);
  expect(document.vips).toEqual([]);
  expect(document.replication).toBeUndefined();
  expect(document.nodes.map((node) => node.doing)).toEqual(
    Array.from({ length: 3 }, () => 'Not known: etcd has not answered.'),
  );
});

describe('a planned change of role', () => {
  it('finds the candidate', () => {
    expect(planSwitchover(status(), undefined)).toEqual({
      from: 'mn1',
      to: 'mn2',
      possible: true,
      checks: [
        { passed: true, text: 'mn1 is primary and is heard of.' },
        { passed: true, text: 'mn2 says that it can take over.' },
        { passed: true, text: 'mn2 receives changes from the primary and is 256 bytes behind.' },
      ],
    });
  });

  it.each([
    ['mn1', 'mn1 is primary already.'],
    ['mn9', 'There is no node mn9. The nodes are mn1, mn2, wit1.'],
  ])('to %s is refused', (to, text) => {
    const plan = planSwitchover(status(), to);
    expect(plan.possible).toBe(false);
    expect(plan.checks.find((check) => !check.passed)?.text).toBe(text);
  });

  it('from a dead primary is a failover', () => {
    const dead = status({ lease: undefined, 'members/mn1': undefined });
    expect(planSwitchover(dead, 'mn2').possible).toBe(false);
    expect(planFailover(dead, 'mn2', false).possible).toBe(true);
  });

  it('from a dead primary, which nobody receives from any more, is possible', () => {
    const alone = member('mn2', {
      postgres: { state: 'standby', streaming: false, lsn: '0/3000100' },
      candidacy: { eligible: true, reasons: [] },
    });
    const dead = status({ lease: undefined, 'members/mn1': undefined, 'members/mn2': alone });
    expect(planFailover(dead, undefined, false)).toMatchObject({ to: 'mn2', possible: true });
    // While it is alive that says that something is wrong with the standby.
    expect(planFailover(status({ 'members/mn2': alone }), undefined, false).possible).toBe(false);
  });

  it('to a standby that lacks data needs the admin’s word', () => {
    const lame = member('mn2', {
      postgres: { state: 'standby', streaming: false, lsn: '0/0' },
      candidacy: { eligible: false, reasons: ['It is 50331904 bytes behind.'] },
    });
    const dead = status({ lease: undefined, 'members/mn1': undefined, 'members/mn2': lame });
    expect(planFailover(dead, undefined, false).checks.at(-1)?.text).toBe(
      'No other node could take over. mn2: It is 50331904 bytes behind.',
    );
    expect(planFailover(dead, undefined, true)).toMatchObject({ to: 'mn2', possible: true });
  });
});

describe('a take-over that waits for an admin', () => {
  const resource = (
    name: string,
    what: ResourceSettings['what'],
    after: readonly string[],
  ): ResourceSettings => ({
    name,
    what,
    runs: 'primary',
    after,
    limits: { startMs: 1, stopMs: 1, promoteMs: 1, demoteMs: 1, monitorMs: 1 },
    monitor: { intervalMs: 1, depth: 'shallow', confirm: 1, confirmAfterMs: 1 },
    failure: { restarts: 0, windowMs: 1, outcome: 'ignore' },
    unfenced: false,
  });
  const manual: GroupSettings = {
    ...settings,
    failover: 'manual',
    resources: [
      resource('vip', { kind: 'vip', address: '10.0.0.10', prefixLength: 24, interface: 'eth0' }, []),
      resource(
        'share',
        { kind: 'mount', source: 'nas:/i', target: '/install', type: 'nfs', options: [] },
        [],
      ),
      resource('xcatd', { kind: 'unit', unit: 'xcatd.service', ports: [], probe: undefined }, [
        'vip',
        'share',
      ]),
      resource('makedns', { kind: 'job', command: ['/makedns'] }, ['xcatd']),
    ],
  };
  const waiting = member('mn2', {
    postgres: { state: 'standby', timeline: 3, lsn: '0/3000000', streaming: false },
    candidacy: { eligible: true, reasons: [] },
    waitsForAdmin: true,
  });
  const gone = { lease: undefined, 'members/mn1': undefined, 'members/mn2': waiting };

  it('is shown with what it does, in which order, and what it costs', () => {
    const { prepared, problems } = status(gone, manual);
    expect(prepared).toEqual({
      from: 'mn1',
      to: 'mn2',
      dataLoss: 'No acknowledged write is lost: mn2 has them all.',
      steps: ['mn2 takes the term', 'claims 10.0.0.10, mounts /install', 'starts xcatd', 'runs makedns'],
      command: 'hamnctl failover --to mn2',
    });
    expect(problems[0]?.remedy).toBe(
      'mn2 is ready to take over and waits for you: `hamnctl failover --to mn2`. No acknowledged write is lost: mn2 has them all.',
    );
    expect(status({}, manual).prepared).toBeUndefined();
  });

  it('tells of the bytes that are known to be lost in mode asynchronous', () => {
    const { postgres } = manual;
    if (postgres === undefined) throw new Error('The sample has a database.');
    const given: GroupSettings = { ...manual, postgres: { ...postgres, mode: 'asynchronous' } };
    expect(status(gone, given).prepared).toMatchObject({ dataLossBytes: 256 });
    expect(status(gone, given).prepared?.dataLoss).toMatch(
      /^256 B of WAL that mn1 announced .* may be lost, too/,
    );
  });

  it('begins with the fence where that is required and not done', () => {
    const fencing = { mode: 'required', afterMs: 1, checkEveryMs: 1, devices: [], nodes: [] } as const;
    const given: GroupSettings = { ...manual, fencing };
    const first = 'mn1 is switched off through its fencing devices, and that is confirmed';
    expect(status(gone, given).prepared?.steps[0]).toBe(first);
    const off = {
      target: 'mn1',
      by: 'mn2',
      stage: 'confirmed',
      message: 'Off.',
      atWallMs: 1,
      token: 7,
      leaderNonce: 'n',
    };
    expect(status({ ...gone, 'fencing/mn1': off }, given).prepared?.steps[0]).toBe('mn2 takes the term');
  });

  it('without a node that is ready says what there is to do', () => {
    const other = member('mn2', { candidacy: { eligible: false, reasons: ['It is late.'] } });
    const { problems, prepared } = status({ ...gone, 'members/mn2': other }, manual);
    expect(prepared).toBeUndefined();
    expect(problems[0]?.remedy).toMatch(/^Failover is set to manual/);
  });
});
