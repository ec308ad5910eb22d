import { randomUUID } from 'node:crypto';
import {
  awayNodes,
  type Judgement,
  nodesOf,
  noRecords,
  readServiceNodes,
  revision,
  type Sample,
  type ServiceNodesKeys,
  type ServiceNodesSettings,
  type ServiceNodesValue,
  type ServiceNodeWish,
  serviceNodeId,
} from '@hamn/core';
import { type JournalEvent, placeServiceNodeWish, ServiceNodesKeeper, type StorePort } from '@hamn/engine';
import { eventually, testClock } from '@hamn/engine/testing';
import { EtcdCluster } from '@hamn/etcd/testing';
import { createServiceNodes } from '@hamn/servicenodes';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { XcatCommands } from './index.ts';

/** The machine does other work, too: against what hangs, not against what is slow. */
const limitMs = 60_000;
const compute = ['n1', 'n2', 'n3'];

const settings: ServiceNodesSettings = {
  mode: 'act',
  members: ['sn1', 'sn2', 'sn3'].map((name) => ({
    name: serviceNodeId(name),
    address: '192.0.2.1',
    nodeAddress: undefined,
    xcatmaster: `${name}-n`,
    pools: ['a'],
    capacity: undefined,
    probes: ['ping', 'xcatd'],
    isInMaintenance: false,
  })),
  judge: {
    everyMs: 100,
    limitMs: 10_000,
    failures: 3,
    samples: 4,
    kinds: 2,
    recover: 3,
    most: 0.5,
    flaps: 9,
    flapWithinMs: 1000,
  },
  moves: {
    batch: 2,
    atOnce: 1,
    limitMs: 30_000,
    pauseMs: 500,
    soakMs: 200,
    tries: 3,
    databaseOnly: false,
    failbackSoakMs: 500,
  },
};

/** One management node: a keeper over real etcd and the doubles, with its term in the test's hand. */
class ManagementNode {
  readonly events: JournalEvent[] = [];
  readonly lost = new Set<string>();
  token: number | undefined;
  settings = settings;
  readonly #keeper: ServiceNodesKeeper;

  constructor(name: string, store: StorePort, bin: string) {
    const real = createServiceNodes({ directory: bin }, { clock: testClock });
    this.#keeper = new ServiceNodesKeeper(
      { node: name, settings: () => this.settings },
      {
        clock: testClock,
        store,
        journal: { write: (event) => void this.events.push(event) },
        port: {
          ...real,
          probe: async ({ name: serviceNode }, kinds) =>
            kinds.map((kind): Sample => {
              const outcome = this.lost.has(serviceNode) ? 'failed' : 'ok';
              return { serviceNode, kind, at: testClock.now(), outcome, message: 'It was asked.' };
            }),
        },
        term: { token: () => this.token, mayAct: (token) => token === this.token },
      },
    );
    this.#keeper.start();
  }

  told(event: string): readonly string[] {
    return this.events.filter((one) => one.event === `service-node.${event}`).map(({ message }) => message);
  }

  stop(): void {
    this.#keeper.stop();
  }
}

describe('service nodes, with real etcd and the doubles of xCAT’s commands', () => {
  let cluster: EtcdCluster;
  let store: StorePort;
  let xcat: XcatCommands;
  let group = 0;
  const running: ManagementNode[] = [];

  beforeAll(async () => {
    cluster = await EtcdCluster.start();
  });
  afterAll(() => cluster.stop());

  beforeEach(() => {
    group += 1;
    store = cluster.store(`sn${group}`);
    xcat = new XcatCommands(
      ['sn1', 'sn2', 'sn3', ...compute].map((node) => ({
        node,
        groups: node.startsWith('sn') ? 'service,all' : 'compute,all',
      })),
      [{ node: 'compute', servicenode: 'sn1,sn2', xcatmaster: 'sn1-n' }],
    );
  });
  afterEach(async () => {
    for (const one of running.splice(0)) one.stop();
    await store.close();
    xcat.remove();
  });

  /** The named node holds the term from now on; the answer is its token. */
  async function takeTerm(holder: string): Promise<number> {
    const value = JSON.stringify({ kind: 'held', holder, nonce: randomUUID(), termMs: 3000 });
    const taken = await store.transact({ compares: [], ops: [{ put: 'leader', value }] }, 5000);
    if (taken.kind !== 'committed') throw new Error('The term was not taken.');
    return taken.revision;
  }

  async function primary(name: string, more: Partial<ServiceNodesSettings> = {}): Promise<ManagementNode> {
    const node = new ManagementNode(name, store, xcat.bin);
    running.push(node);
    node.settings = { ...settings, ...more };
    node.token = await takeTerm(name);
    return node;
  }

  async function keys(): Promise<ServiceNodesKeys> {
    const raw = await store.read(5000);
    if (!raw.ok) throw new Error(raw.error.message);
    return readServiceNodes(raw.value);
  }
  async function records(): Promise<ServiceNodesValue> {
    const { records: read } = await keys();
    return read.ok ? read.value : noRecords;
  }
  async function verdictOf(name: string): Promise<Judgement['verdict'] | undefined> {
    const { view } = await keys();
    return view.kind === 'present'
      ? view.value.members.find((member) => member.name === name)?.verdict
      : undefined;
  }
  const servers = (): readonly string[] =>
    compute.map((node) => xcat.value(node, 'servicenode').split(',')[0] ?? '');
  const allAt = (name: string) => (): boolean => servers().every((server) => server === name);
  const allEnded = async (count: number): Promise<boolean> => {
    const { moves } = await records();
    return moves.length >= count && moves.every(({ stage }) => stage === 'ended');
  };

  async function ask(
    wish: Partial<ServiceNodeWish>,
    by: ServiceNodesSettings = settings,
  ): ReturnType<typeof placeServiceNodeWish> {
    const raw = await store.read(5000);
    if (!raw.ok) throw new Error(raw.error.message);
    const now = Date.now();
    return placeServiceNodeWish(store, by, raw.value, {
      id: randomUUID(),
      kind: 'failback',
      serviceNode: serviceNodeId('sn1'),
      by: 'root on mn1',
      madeWallMs: now,
      expiresWallMs: now + 3_600_000,
      ...wish,
    });
  }

  it('a service node that dies has its nodes moved in batches, and what was where is recorded', async () => {
    const mn1 = await primary('mn1');
    await eventually('sn1 is up', limitMs, async () => (await verdictOf('sn1')) === 'up');
    mn1.lost.add('sn1');
    await eventually('all nodes are at sn2', limitMs, allAt('sn2'));
    await eventually('both batches have ended', limitMs, () => allEnded(2));
    const { moves } = await records();
    expect(moves.map((move) => [nodesOf(move).length, move.from, move.to, move.left])).toEqual([
      [2, 'sn1', 'sn2', []],
      [1, 'sn1', 'sn2', []],
    ]);
    expect(moves[0]?.was[0]).toMatchObject({ servicenode: ['sn1', 'sn2'], xcatmaster: 'sn1-n' });
    expect(xcat.value('n1', 'xcatmaster')).toBe('sn2-n');
    expect(mn1.told('down')).toHaveLength(1);
    expect(mn1.told('move-begun')).toHaveLength(2);
  }, 120_000);

  it('nobody is moved when most seem down', async () => {
    const mn1 = await primary('mn1');
    await eventually('sn1 is up', limitMs, async () => (await verdictOf('sn1')) === 'up');
    for (const name of ['sn1', 'sn2']) mn1.lost.add(name);
    await eventually('it is known to be us', limitMs, () => mn1.told('us').length > 0);
    await eventually('the view says so', limitMs, async () => {
      const { view } = await keys();
      return view.kind === 'present' && view.value.us !== undefined;
    });
    expect(servers()).toEqual(['sn1', 'sn1', 'sn1']);
    expect((await records()).moves).toEqual([]);
    expect(await ask({ kind: 'failback' })).toMatchObject({ ok: false, error: { code: 'refused' } });
  }, 120_000);

  it('in mode propose it waits for an admin’s word', async () => {
    const propose: ServiceNodesSettings = { ...settings, mode: 'propose' };
    const mn1 = await primary('mn1', { mode: 'propose' });
    await eventually('sn1 is up', limitMs, async () => (await verdictOf('sn1')) === 'up');
    expect(await ask({ kind: 'move' }, propose)).toMatchObject({
      ok: false,
      error: { code: 'refused', message: expect.stringContaining('sn1 is up, so its nodes stay.') },
    });
    mn1.lost.add('sn1');
    await eventually('it is proposed', limitMs, () => mn1.told('proposed').length > 0);
    expect(mn1.told('proposed')[0]).toContain('`hamnctl sn move sn1`');
    expect(servers()).toEqual(['sn1', 'sn1', 'sn1']);
    expect((await records()).moves).toEqual([]);
    await eventually('the view says down', limitMs, async () => (await verdictOf('sn1')) === 'down');
    expect(await ask({ kind: 'move', to: serviceNodeId('sn3') }, propose)).toMatchObject({ ok: true });
    await eventually('all nodes are at sn3', limitMs, allAt('sn3'));
    await eventually('the wish has gone', limitMs, async () => (await keys()).wishes.length === 0);
    expect((await records()).moves.every(({ to, left }) => to === 'sn3' && left.length === 0)).toBe(true);
    expect(mn1.told('wish-ended')).toHaveLength(1);
  }, 120_000);

  it('failback brings the nodes home after the soak, and not before', async () => {
    const slow: ServiceNodesSettings = {
      ...settings,
      moves: { ...settings.moves, failbackSoakMs: 3_600_000 },
    };
    const mn1 = await primary('mn1', slow);
    await eventually('sn1 is up', limitMs, async () => (await verdictOf('sn1')) === 'up');
    mn1.lost.add('sn1');
    await eventually('all nodes are at sn2', limitMs, allAt('sn2'));
    await eventually('all batches have ended', limitMs, () => allEnded(2));
    expect(await ask({}, slow)).toMatchObject({ ok: false, error: { code: 'refused' } });
    mn1.lost.delete('sn1');
    await eventually('sn1 is up again', limitMs, async () => (await verdictOf('sn1')) === 'up');
    expect(await ask({}, slow)).toMatchObject({
      ok: false,
      error: { code: 'refused', message: expect.stringContaining('moves.failbackSoak') },
    });
    expect(servers()).toEqual(['sn2', 'sn2', 'sn2']);
    mn1.settings = settings;
    await eventually('the soak is over', limitMs, async () => (await ask({})).ok);
    await eventually('all nodes are home', limitMs, allAt('sn1'));
    await eventually('the wish has gone', limitMs, async () => (await keys()).wishes.length === 0);
    expect(xcat.value('n1', 'xcatmaster')).toBe('sn1-n');
    expect(awayNodes(await records()).size).toBe(0);
  }, 180_000);

  it('a management node that fails over in the middle of a move leaves a record that the next one finishes', async () => {
    const mn1 = await primary('mn1');
    await eventually('sn1 is up', limitMs, async () => (await verdictOf('sn1')) === 'up');
    // The client asks for interfaces first, so that nothing is written yet when the term ends.
    xcat.behave({ msForEachNode: 1500 });
    mn1.lost.add('sn1');
    await eventually('a move is begun', limitMs, async () =>
      (await records()).moves.some(({ stage }) => stage === 'begun'),
    );
    const old = mn1.token ?? 0;
    const mn2 = new ManagementNode('mn2', store, xcat.bin);
    running.push(mn2);
    mn2.lost.add('sn1');
    mn2.token = await takeTerm('mn2');
    mn1.token = undefined;
    await eventually('all nodes are at sn2', limitMs, allAt('sn2'));
    await eventually('all records have ended', limitMs, () => allEnded(2));
    const value = await records();
    const first = value.moves.find(({ token }) => token === old);
    expect(first).toMatchObject({ stage: 'ended', wasInterrupted: true });
    // Whoever moved them, and however late it came: each node's home is known.
    await eventually('each home is known', limitMs, async () => {
      const away = awayNodes(await records());
      return away.size === 3 && [...away.values()].every(({ home, at }) => home === 'sn1' && at === 'sn2');
    });
    expect(mn1.told('move-ended')).toEqual([]);
    expect(mn1.events.filter(({ event }) => event === 'service-node.broken')).toEqual([]);
    expect(mn2.events.filter(({ event }) => event === 'service-node.broken')).toEqual([]);
  }, 180_000);

  it('a primary of an earlier term writes nothing, though it does not know that it is over', async () => {
    const mn1 = await primary('mn1');
    await eventually('sn1 is up', limitMs, async () => (await verdictOf('sn1')) === 'up');
    // mn1 still believes in its term.
    const token = await takeTerm('mn2');
    mn1.lost.add('sn1');
    await eventually('mn1 finds sn1 down', limitMs, () => mn1.told('down').length > 0);
    await eventually('mn1 is told', limitMs, () =>
      mn1.told('trouble').some((text) => text.includes('does not hold the term any more')),
    );
    expect(servers()).toEqual(['sn1', 'sn1', 'sn1']);
    expect((await records()).moves).toEqual([]);
    const raw = await store.read(5000);
    expect(raw.ok && raw.value.entries.get('leader')?.mod).toBe(revision(token));
  }, 120_000);
});
