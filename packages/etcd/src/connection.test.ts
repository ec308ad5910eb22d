import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { eventually, testClock } from '@hamn/engine/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Connection } from './connection.ts';
import { EtcdCluster } from './testing/etcd-cluster.ts';
import { probeRequest, range } from './wire/kv.ts';

/** Takes connections at once and passes the first bytes of each on only later, as a machine does that has no time for handshakes. */
async function slowDoor(
  to: URL,
  delayMs: number,
): Promise<{ readonly server: Server; readonly dialled: () => number }> {
  let dialled = 0;
  const server = createServer((inner) => {
    dialled += 1;
    inner.on('error', () => undefined);
    const timer = setTimeout(() => {
      const outer = connect(Number(to.port), to.hostname);
      outer.on('error', () => inner.destroy());
      inner.pipe(outer).pipe(inner);
    }, delayMs);
    inner.on('close', () => clearTimeout(timer));
  });
  server.listen(0, to.hostname);
  await once(server, 'listening');
  return { server, dialled: () => dialled };
}

describe('a connection to a member that is slow to shake hands', () => {
  let cluster: EtcdCluster;
  beforeAll(async () => {
    cluster = await EtcdCluster.start();
  }, 30_000);
  afterAll(() => cluster.stop(), 20_000);

  it('keeps each call’s limit, begins no second handshake, and answers on the first one', async () => {
    const to = new URL(cluster.endpoints[0] ?? '');
    const { server, dialled } = await slowDoor(to, 900);
    const url = `https://${to.hostname}:${(server.address() as AddressInfo).port}`;
    const connection = new Connection({ url, tls: cluster.tls }, { clock: testClock });
    const ask = () => connection.call(range, probeRequest('/none'), 200);
    try {
      expect(await ask()).toMatchObject({ ok: false });
      expect(await ask()).toMatchObject({ ok: false });
      await eventually('an answer', 5000, async () => (await ask()).ok);
      expect(dialled()).toBe(1);
    } finally {
      connection.close();
      server.close();
    }
  });
});
