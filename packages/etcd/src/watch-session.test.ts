import { eventually, testClock } from '@hamn/engine/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Endpoints } from './endpoints.ts';
import { EtcdCluster } from './testing/etcd-cluster.ts';
import { WatchSession } from './watch-session.ts';
import { range, sortedRangeRequest, txn, txnRequest, underPrefix } from './wire/kv.ts';
import { varintField } from './wire/protobuf.ts';

const all = underPrefix('/watched/');
const compact = { path: '/etcdserverpb.KV/Compact', decode: () => true };

describe('a watch at one member', () => {
  let cluster: EtcdCluster;
  let endpoints: Endpoints;
  beforeAll(async () => {
    cluster = await EtcdCluster.start();
    endpoints = new Endpoints(
      { urls: cluster.endpoints, tls: cluster.tls, probeKey: 'x' },
      { clock: testClock },
    );
  }, 30_000);
  afterAll(async () => {
    endpoints.close();
    await cluster.stop();
  }, 10_000);

  const open = (startRevision: number): { mods: number[]; ends: number; session: WatchSession } => {
    const [endpoint] = endpoints.all;
    if (endpoint === undefined) throw new Error('No endpoint.');
    const seen = { mods: [] as number[], ends: 0 };
    const session = new WatchSession(
      {
        endpoint,
        range: all,
        startRevision,
        onAnswer: (answer) => seen.mods.push(...answer.events.map((event) => event.keyValue.mod)),
        onEnd: () => {
          seen.ends += 1;
        },
      },
      { clock: testClock },
    );
    return Object.assign(seen, { session });
  };

  const put = async (count: number): Promise<number> => {
    let newest = 0;
    for (let n = 0; n < count; n += 1) {
      const request = txnRequest([], [{ put: '/watched/key', value: `${n}` }]);
      const answer = await endpoints.all[0]?.calls.call(txn, request, 2000);
      if (answer?.ok) newest = answer.value.header.revision;
    }
    return newest;
  };

  it('delivers every revision from its start on, and ends once where the start was compacted away', async () => {
    const newest = await put(5);
    const watched = open(newest - 2);
    await eventually('three events', 3000, () => watched.mods.length === 3);
    expect(watched.mods).toEqual([newest - 2, newest - 1, newest]);
    expect(watched.session.deliveredRevision).toBe(newest);
    watched.session.close();
    expect(watched.ends).toBe(0);

    await endpoints.all[0]?.calls.call(compact, varintField(1, newest), 2000);
    const late = open(newest - 2);
    await eventually('the end of the watch', 3000, () => late.ends === 1);
    const read = await endpoints.all[0]?.calls.call(range, sortedRangeRequest(all), 2000);
    expect(read?.ok && read.value.keyValues.map((one) => one.mod)).toEqual([newest]);
  }, 15_000);

  it('ends where the member does not confirm it in time', async () => {
    cluster.signal(0, 'SIGSTOP');
    const watched = open(1);
    await eventually('the end of the watch', 3000, () => watched.ends === 1);
    cluster.signal(0, 'SIGCONT');
  }, 10_000);
});
