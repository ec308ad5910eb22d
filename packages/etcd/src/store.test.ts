import { nodeId, type Revision, revision, type StoreTxn } from '@hamn/core';
import { eventually, testClock } from '@hamn/engine/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStore } from './store.ts';
import { EtcdCluster } from './testing/etcd-cluster.ts';
import { makeForeignCertificates } from './testing/test-certificates.ts';

const absent: Revision = revision(0);

describe('the store on a whole etcd cluster', () => {
  let cluster: EtcdCluster;
  beforeAll(async () => {
    cluster = await EtcdCluster.start();
  }, 30_000);
  afterAll(() => cluster.stop(), 10_000);

  it('commits where all compares hold, refuses where one fails, and shows both revisions', async () => {
    const store = cluster.store('txn');
    const init: StoreTxn = {
      compares: [{ key: 'leader', mod: absent }],
      ops: [
        { put: 'leader', value: 'first' },
        { put: 'state', value: 's' },
        { get: 'leader' },
        { get: 'config' },
      ],
    };
    const committed = await store.transact(init, 1000);
    expect(committed).toMatchObject({ kind: 'committed' });
    if (committed.kind !== 'committed') return;
    expect(committed.entries).toEqual(new Map([['leader', { value: 'first', mod: committed.revision }]]));

    const again = await store.transact(init, 1000);
    expect(again).toEqual({ kind: 'refused', revision: committed.revision, clusterId: committed.clusterId });

    const hold = (value: string): StoreTxn => ({
      compares: [
        { key: 'leader', mod: committed.revision },
        { key: 'leader', value },
      ],
      ops: [{ put: 'heartbeat', value: '1' }, { delete: 'state' }],
    });
    expect(await store.transact(hold('second'), 1000)).toMatchObject({ kind: 'refused' });
    expect(await store.transact(hold('first'), 1000)).toMatchObject({ kind: 'committed' });
    const read = await store.read(1000);
    expect(read.ok && [...read.value.entries.keys()].sort()).toEqual(['heartbeat', 'leader']);
    await store.close();
  });

  it('calls a transaction that etcd will not take unknown, never refused', async () => {
    const store = cluster.store('bad');
    const twice: StoreTxn = {
      compares: [],
      ops: [
        { put: 'leader', value: 'a' },
        { put: 'leader', value: 'b' },
      ],
    };
    expect(await store.transact(twice, 1000)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('duplicate key'),
    });
    await store.close();
  });

  it('keeps history out of the view and lists it with the newest last', async () => {
    const store = cluster.store('history');
    for (const key of ['history/9', 'history/10', 'members/mn1', 'claim/mn1', 'request'] as const) {
      await store.transact({ compares: [], ops: [{ put: key, value: key }] }, 1000);
    }
    const read = await store.read(1000);
    expect(read.ok && [...read.value.entries.keys()].sort()).toEqual(['claim/mn1', 'members/mn1', 'request']);
    const list = await store.list('history/', 1000);
    expect(list.ok && [...list.value.keys()]).toEqual(['history/9', 'history/10']);
    await store.close();
  });

  it('does not see other groups, not even one whose name begins alike', async () => {
    const [store, other] = [cluster.store('mn'), cluster.store('mn2')];
    await other.transact({ compares: [], ops: [{ put: 'leader', value: 'x' }] }, 1000);
    const read = await store.read(1000);
    expect(read.ok && read.value.entries.size).toBe(0);
    await Promise.all([store.close(), other.close()]);
  });

  it('hands the leadership over only from its own node, and to a witness first', async () => {
    const own = (await cluster.leaderIndex()) ?? 0;
    const [store, stranger] = [cluster.store('lead', own), cluster.store('lead', (own + 1) % 3)];
    const view = await store.leader(1000);
    expect(view).toMatchObject({ ok: true, value: { onThisNode: true } });
    const target = view.ok ? view.value.others[0] : undefined;
    if (own !== 2) expect(target?.node).toBe(cluster.nameOf(2));
    expect(view.ok && view.value.others).toHaveLength(2);
    const id = target?.memberId ?? '';
    expect(await stranger.moveLeader(id, 2000)).toMatchObject({ ok: false, error: { code: 'denied' } });
    expect(await store.moveLeader('abc', 2000)).toMatchObject({
      ok: false,
      error: { code: 'no-such-member' },
    });
    expect(await store.moveLeader(id, 2000)).toMatchObject({ ok: true });
    await eventually('the new leader shows', 2000, async () => {
      const moved = await store.leader(1000);
      return moved.ok && !moved.value.onThisNode;
    });
    await Promise.all([store.close(), stranger.close()]);
  }, 20_000);

  it('keeps an announced key alive past its lease, replaces it in place, and withdraws it', async () => {
    const [store, reader] = [cluster.store('announce'), cluster.store('announce', 1)];
    const value = async (): Promise<string | undefined> => {
      const read = await reader.read(1000);
      return read.ok ? read.value.entries.get('members/mn1')?.value : 'unread';
    };
    expect(await store.announce('members/mn1', 'one', 2, 1000)).toMatchObject({ ok: true });
    const end = performance.now() + 4500;
    await eventually('twice its lease has passed', 6000, async () => {
      expect(await value()).toBe('one');
      return performance.now() > end;
    });
    expect(await store.announce('members/mn1', 'two', 2, 1000)).toMatchObject({ ok: true });
    expect(await value()).toBe('two');
    await reader.transact({ compares: [], ops: [{ put: 'members/mn1', value: '{"ha' }] }, 1000);
    expect(await store.announce('members/mn1', 'two', 2, 1000)).toMatchObject({ ok: true });
    expect(await value()).toBe('two');
    expect(await store.withdraw('members/mn1', 1000)).toMatchObject({ ok: true });
    expect(await value()).toBeUndefined();

    await store.announce('members/mn1', 'three', 2, 1000);
    await store.close();
    expect(await value()).toBe('three');
    await eventually('the key of a node that is gone ends', 6000, async () => (await value()) === undefined);
    await reader.close();
  }, 30_000);

  it('keeps the lease of an announced key whose value changes all the time', async () => {
    const [store, reader] = [cluster.store('changing'), cluster.store('changing', 1)];
    const seen: (string | undefined)[] = [];
    const end = performance.now() + 5000;
    let count = 0;
    await eventually('more than twice its lease has passed', 8000, async () => {
      count += 1;
      expect(await store.announce('members/mn1', String(count), 2, 1000)).toMatchObject({ ok: true });
      const read = await reader.read(1000);
      seen.push(read.ok ? read.value.entries.get('members/mn1')?.value : 'unread');
      return performance.now() > end;
    });
    expect(seen).toEqual(seen.map((_, index) => String(index + 1)));
    await Promise.all([store.close(), reader.close()]);
  }, 20_000);

  it('says what is wrong when the certificates come from another CA', async () => {
    const tls = makeForeignCertificates();
    const store = createStore({
      cluster: 'test',
      group: 'tls',
      endpoints: cluster.endpoints,
      tls: { ...cluster.tls, ca: tls.ca },
      node: nodeId('mn1'),
      address: '127.0.0.1',
      witnesses: [],
      clock: testClock,
    });
    const read = await store.read(1000);
    expect(read).toMatchObject({ ok: false, error: { code: 'unreachable' } });
    expect(!read.ok && read.error.message).toMatch(/certificate.*come from the cluster's CA/);
    await store.close();
  });
});
