import type { RawGroup, TxnOutcome } from '@hamn/core';
import type { StorePort } from '@hamn/engine';
import { eventually } from '@hamn/engine/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EtcdCluster } from './testing/etcd-cluster.ts';

/** What a call may take beyond its limit on a busy machine. */
const slackMs = 100;
/** etcd's own affair: after a lost quorum its election took up to 4 s on a machine with twenty times more to do than cores. */
const electionMs = 20_000;
/** The client's: from the moment at which two members name a leader. Its first try is committed, and its watch shows that within 0.15 s. */
const clientBackMs = 2000;

/** Runs a call and checks that its limit was kept. */
async function timed<T>(limitMs: number, call: (limitMs: number) => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await call(limitMs);
  expect(performance.now() - began).toBeLessThan(limitMs + slackMs);
  return result;
}

let beats = 0;
const beat = (store: StorePort, limitMs = 300): Promise<TxnOutcome> =>
  timed(limitMs, (limit) => {
    beats += 1;
    return store.transact({ compares: [], ops: [{ put: 'heartbeat', value: `beat ${beats}` }] }, limit);
  });

/** Writes until one write is committed; the revision of that write. (An unknown one before it may commit after it.) */
async function committedBeat(store: StorePort, withinMs: number): Promise<number> {
  let revision = 0;
  await eventually('a committed write', withinMs, async () => {
    const outcome = await beat(store);
    if (outcome.kind === 'committed') revision = outcome.revision;
    return outcome.kind === 'committed';
  });
  return revision;
}

class Follower {
  readonly views: RawGroup[] = [];

  constructor(store: StorePort) {
    store.watch((group) => {
      expect(group.revision).toBeGreaterThanOrEqual(this.views.at(-1)?.revision ?? 0);
      this.views.push(group);
    });
  }

  async sees(revision: number, withinMs: number): Promise<void> {
    const seen = (): boolean => (this.views.at(-1)?.revision ?? 0) >= revision;
    await eventually(`the watch shows revision ${revision}`, withinMs, seen);
  }
}

describe('the store when etcd is in trouble', () => {
  let cluster: EtcdCluster;
  let stores: StorePort[];
  const open = (local: number): StorePort => {
    const store = cluster.store('mn', local);
    stores.push(store);
    return store;
  };
  const leader = async (): Promise<number> => (await cluster.leaderIndex()) ?? 0;

  beforeEach(async () => {
    stores = [];
    cluster = await EtcdCluster.start();
  }, 30_000);
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await cluster.stop();
  }, 20_000);

  it('works around its own member when that is frozen, watches on, and comes back to it', async () => {
    const own = ((await leader()) + 1) % 3;
    const [store, writer] = [open(own), open((own + 1) % 3)];
    const follower = new Follower(store);
    await follower.sees(await committedBeat(writer, 2000), 2000);

    cluster.signal(own, 'SIGSTOP');
    expect(await beat(store)).toMatchObject({ kind: 'unknown' });
    expect(await beat(store)).toMatchObject({ kind: 'committed' });
    expect(await timed(300, (limit) => store.read(limit))).toMatchObject({ ok: true });
    await follower.sees(await committedBeat(writer, 1000), 3000);
    await follower.sees(await committedBeat(writer, 1000), 500);

    cluster.signal(own, 'SIGCONT');
    await eventually('its own member is asked again', 5000, async () => {
      cluster.signal((own + 1) % 3, 'SIGSTOP');
      const answer = await beat(store, 250);
      cluster.signal((own + 1) % 3, 'SIGCONT');
      return answer.kind === 'committed';
    });
    await follower.sees(await committedBeat(store, 2000), 3000);
  }, 30_000);

  it('reads at once from another member when its own is killed, and again from it when it is back', async () => {
    const own = ((await leader()) + 1) % 3;
    const store = open(own);
    const follower = new Follower(store);
    await follower.sees(await committedBeat(store, 2000), 2000);
    await cluster.kill(own);
    const began = performance.now();
    expect(await timed(1000, (limit) => store.read(limit))).toMatchObject({ ok: true });
    expect(performance.now() - began).toBeLessThan(250);
    await follower.sees(await committedBeat(store, 1000), 2000);
    cluster.run(own);
    await follower.sees(await committedBeat(store, 1000), 2000);
  }, 30_000);

  it.each(['SIGSTOP', 'SIGKILL'] as const)(
    'rides out the etcd leader getting %s',
    async (signal) => {
      const leading = await leader();
      const store = open((leading + 1) % 3);
      const follower = new Follower(store);
      await follower.sees(await committedBeat(store, 2000), 2000);
      cluster.signal(leading, signal);
      await follower.sees(await committedBeat(store, 6000), 2000);
      expect(await timed(500, (limit) => store.leader(limit))).toMatchObject({ ok: true });
      cluster.signal(leading, 'SIGCONT');
      await follower.sees(await committedBeat(store, 2000), 2000);
    },
    30_000,
  );

  it('ends every call within its limit while all members are frozen, and is back when they are', async () => {
    const store = open(0);
    const follower = new Follower(store);
    await follower.sees(await committedBeat(store, 2000), 2000);
    await store.announce('members/mn1', 'here', 2, 1000);

    for (const index of [0, 1, 2]) cluster.signal(index, 'SIGSTOP');
    for (let round = 0; round < 3; round += 1) {
      expect(await beat(store)).toMatchObject({ kind: 'unknown' });
      const failed = { ok: false, error: { code: 'timeout' } };
      expect(await timed(300, (limit) => store.read(limit))).toMatchObject(failed);
      expect(await timed(300, (limit) => store.list('history/', limit))).toMatchObject(failed);
      expect(await timed(300, (limit) => store.leader(limit))).toMatchObject(failed);
      expect(await timed(300, (limit) => store.moveLeader('1', limit))).toMatchObject(failed);
      expect(await timed(300, (limit) => store.announce('members/mn1', 'new', 2, limit))).toMatchObject(
        failed,
      );
    }

    for (const index of [0, 1, 2]) cluster.signal(index, 'SIGCONT');
    await eventually(
      'etcd itself is back',
      electionMs,
      async () => (await cluster.leaderIndex()) !== undefined,
    );
    await follower.sees(await committedBeat(store, clientBackMs), clientBackMs);
    await eventually('the announced key is back', 3000, async () => {
      const read = await store.read(500);
      return read.ok && read.value.entries.get('members/mn1')?.value === 'new';
    });
  }, 40_000);

  it('ends every call within its limit while all members are dead, and is back when they are', async () => {
    const store = open(0);
    const follower = new Follower(store);
    await follower.sees(await committedBeat(store, 2000), 2000);
    await store.announce('members/mn1', 'here', 2, 1000);
    await Promise.all([0, 1, 2].map((index) => cluster.kill(index)));
    for (let round = 0; round < 3; round += 1) {
      expect(await beat(store)).toMatchObject({ kind: 'unknown' });
      const failed = { ok: false, error: { code: 'unreachable' } };
      expect(await timed(300, (limit) => store.read(limit))).toMatchObject(failed);
      expect(await timed(300, (limit) => store.leader(limit))).toMatchObject(failed);
    }
    await eventually('an unchanged value is no longer said to be there', 4000, async () => {
      const announced = await store.announce('members/mn1', 'here', 2, 300);
      return !announced.ok;
    });
    for (const index of [0, 1, 2]) cluster.run(index);
    await eventually(
      'etcd itself is back',
      electionMs,
      async () => (await cluster.leaderIndex()) !== undefined,
    );
    await follower.sees(await committedBeat(store, clientBackMs), clientBackMs);
  }, 40_000);

  it('neither hangs nor lies while the quorum is gone, and is back when it is', async () => {
    const store = open(0);
    const follower = new Follower(store);
    await follower.sees(await committedBeat(store, 2000), 2000);
    for (const index of [1, 2]) cluster.signal(index, 'SIGSTOP');
    for (let round = 0; round < 4; round += 1) {
      expect(await beat(store)).toMatchObject({ kind: 'unknown' });
      expect(await timed(400, (limit) => store.read(limit))).toMatchObject({ ok: false });
    }
    for (const index of [1, 2]) cluster.signal(index, 'SIGCONT');
    await eventually(
      'etcd itself is back',
      electionMs,
      async () => (await cluster.leaderIndex()) !== undefined,
    );
    await follower.sees(await committedBeat(store, clientBackMs), clientBackMs);
  }, 40_000);
});
