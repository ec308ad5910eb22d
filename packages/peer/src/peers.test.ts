import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createTcp, Socket, type Server as TcpServer } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { fencingToken, type MemberValue, type NodeId, nodeId, nonce } from '@hamn/core';
import type { PromiseAsk } from '@hamn/engine';
import { testClock } from '@hamn/engine/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TlsTexts } from './peer-agent.ts';
import { createPeers, type Peers } from './peers.ts';
import { makeTestCertificates } from './testing/test-certificates.ts';

const mn2 = nodeId('mn2');
const askOf = (round: string): PromiseAsk => ({
  group: 'mn',
  token: fencingToken(7),
  round: nonce(round),
  termMs: 3000,
  invitation: false,
});
const member: MemberValue = {
  node: mn2,
  version: '0.1.0',
  address: '127.0.0.1',
  role: 'standby',
  doing: 'It replicates.',
  healthy: true,
  problems: [],
};

describe('questions between hamnds', () => {
  let certificates: ReadonlyMap<string, TlsTexts>;
  let foreign: ReadonlyMap<string, TlsTexts>;
  const closers: (() => void)[] = [];
  beforeAll(() => {
    certificates = makeTestCertificates(['mn1', 'mn2']);
    foreign = makeTestCertificates(['mn1']);
  });
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  const tlsOf = (name: string, from = certificates): TlsTexts => {
    const tls = from.get(name);
    if (tls === undefined) throw new Error(`No certificate for ${name}.`);
    return tls;
  };

  const peersOf = (name: string, tls = tlsOf(name)): Peers => {
    const peers = createPeers({ node: nodeId(name), nodes: new Map(), tls, clock: testClock });
    closers.push(() => peers.close());
    return peers;
  };

  /** A node's HTTPS server, as the daemon makes it. */
  const serve = async (
    peers: Peers,
    port = 0,
  ): Promise<{ readonly server: Server; readonly port: number }> => {
    const server = createServer(
      { ...tlsOf('mn2'), requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
      (request, response) => {
        if (!peers.handle(request, response)) response.writeHead(404).end('elsewhere');
      },
    );
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return { server, port: (server.address() as AddressInfo).port };
  };

  const place = (peers: Peers, port: number, to = mn2): void =>
    peers.setNodes(new Map([[to, { address: '127.0.0.1', apiPort: port }]]));

  const yes = (asked: { from: NodeId; ask: PromiseAsk }[] = []): Peers => {
    const peers = peersOf('mn2');
    peers.serve({
      promise: (from, ask) => {
        asked.push({ from, ask });
        return { yes: true, round: ask.round };
      },
      member: () => member,
    });
    return peers;
  };

  it('carries a question and its answer, with the name in the certificate of who asks', async () => {
    const asked: { from: NodeId; ask: PromiseAsk }[] = [];
    const { port } = await serve(yes(asked));
    const peers = peersOf('mn1');
    place(peers, port);
    expect(await peers.ask(mn2, askOf('r1'), 1000)).toEqual({ ok: true, value: { yes: true, round: 'r1' } });
    expect(asked).toEqual([{ from: 'mn1', ask: askOf('r1') }]);
    expect(await peers.member(mn2, 1000)).toEqual({ ok: true, value: member });
  });

  it('keeps its connection, and answers many questions at once', async () => {
    const { server, port } = await serve(yes());
    let connections = 0;
    server.on('secureConnection', () => {
      connections += 1;
    });
    const peers = peersOf('mn1');
    place(peers, port);
    for (let n = 0; n < 20; n += 1)
      expect(await peers.ask(mn2, askOf(`r${n}`), 1000)).toMatchObject({ ok: true });
    expect(connections).toBe(1);
    const many = Array.from({ length: 10 }, (_, n) => peers.ask(mn2, askOf(`m${n}`), 1000));
    for (const [n, answer] of (await Promise.all(many)).entries())
      expect(answer).toMatchObject({ ok: true, value: { round: `m${n}` } });
  });

  it('refuses with 401 who has no certificate of the CA', async () => {
    const { port } = await serve(yes());
    const stranger = peersOf('mn1', { ...tlsOf('mn1', foreign), ca: tlsOf('mn1').ca });
    place(stranger, port);
    const answer = await stranger.ask(mn2, askOf('r1'), 1000);
    expect(answer).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect(!answer.ok && answer.error.message).toContain("certificate of the cluster's CA");
  });

  it('believes no answer from a node that is not the asked one', async () => {
    const { port } = await serve(yes());
    const peers = peersOf('mn1');
    place(peers, port, nodeId('mn3'));
    const answer = await peers.ask(nodeId('mn3'), askOf('r1'), 1000);
    expect(answer).toMatchObject({ ok: false, error: { code: 'unreachable' } });
    expect(!answer.ok && answer.error.message).toContain("mn2's, not mn3's");
  });

  it('refuses questions that are too long, unreadable or unknown, and lets others pass by', async () => {
    const { port } = await serve(yes());
    expect(await raw(port, tlsOf('mn1'), 'POST', '/peer/v1/promise', 'x'.repeat(10_000))).toContain(' 400 ');
    expect(await raw(port, tlsOf('mn1'), 'POST', '/peer/v1/promise', '{"token":7}')).toContain(' 400 ');
    expect(await raw(port, tlsOf('mn1'), 'GET', '/peer/v1/promise', '')).toContain(' 404 ');
    expect(await raw(port, tlsOf('mn1'), 'GET', '/status', '')).toContain('elsewhere');
  });

  it('says that it is still starting before it serves', async () => {
    const { port } = await serve(peersOf('mn2'));
    const peers = peersOf('mn1');
    place(peers, port);
    const answer = await peers.member(mn2, 1000);
    expect(!answer.ok && answer.error).toMatchObject({ code: 'refused' });
    expect(!answer.ok && answer.error.message).toContain('still starting');
  });

  it('takes no answer to another round', async () => {
    const other = peersOf('mn2');
    other.serve({ promise: () => ({ yes: true, round: nonce('old') }), member: () => undefined });
    const { port } = await serve(other);
    const peers = peersOf('mn1');
    place(peers, port);
    expect(await peers.ask(mn2, askOf('new'), 1000)).toMatchObject({ ok: false, error: { code: 'refused' } });
  });

  it('asks again at once after the other hamnd restarted', async () => {
    const first = await serve(yes());
    const peers = peersOf('mn1');
    place(peers, first.port);
    expect(await peers.ask(mn2, askOf('r1'), 1000)).toMatchObject({ ok: true });
    first.server.closeAllConnections();
    await new Promise((resolve) => first.server.close(resolve));
    expect(await peers.ask(mn2, askOf('r2'), 1000)).toMatchObject({
      ok: false,
      error: { code: 'unreachable' },
    });
    await serve(yes(), first.port);
    expect(await peers.ask(mn2, askOf('r3'), 1000)).toMatchObject({ ok: true });
  });

  it('keeps its limit where nobody answers, and reaches the node when it is there again', async () => {
    const silent = await listenSilently();
    const peers = peersOf('mn1');
    place(peers, silent.port);
    for (let n = 0; n < 3; n += 1) {
      const began = performance.now();
      expect(await peers.ask(mn2, askOf(`r${n}`), 150)).toMatchObject({
        ok: false,
        error: { code: 'timeout' },
      });
      expect(performance.now() - began).toBeLessThan(250);
    }
    await silent.close();
    await serve(yes(), silent.port);
    expect(await peers.ask(mn2, askOf('r9'), 1000)).toMatchObject({ ok: true });
  });

  it('drops a connection that fell silent, and dials anew', async () => {
    const target = await serve(yes());
    const relay = await relayTo(target.port);
    const peers = peersOf('mn1');
    place(peers, relay.port);
    expect(await peers.ask(mn2, askOf('r1'), 1000)).toMatchObject({ ok: true });
    relay.fallSilent();
    expect(await peers.ask(mn2, askOf('r2'), 150)).toMatchObject({ ok: false, error: { code: 'timeout' } });
    relay.heal();
    expect(await peers.ask(mn2, askOf('r3'), 1000)).toMatchObject({ ok: true });
    expect(relay.connections()).toBe(2);
  });

  it('follows a node to its new address, and knows none that is not configured', async () => {
    const [old, young] = [await serve(yes()), await serve(yes())];
    const peers = peersOf('mn1');
    expect(await peers.ask(mn2, askOf('r1'), 1000)).toMatchObject({
      ok: false,
      error: { code: 'unreachable' },
    });
    place(peers, old.port);
    expect(await peers.ask(mn2, askOf('r2'), 1000)).toMatchObject({ ok: true });
    place(peers, young.port);
    old.server.closeAllConnections();
    old.server.close();
    expect(await peers.ask(mn2, askOf('r3'), 1000)).toMatchObject({ ok: true });
    peers.setNodes(new Map());
    expect(await peers.ask(mn2, askOf('r4'), 1000)).toMatchObject({ ok: false });
  });

  /** Takes connections and says nothing. */
  const listenSilently = async (): Promise<{
    readonly port: number;
    readonly close: () => Promise<void>;
  }> => {
    const sockets = new Set<Socket>();
    const server = createTcp((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    const port = await listenTcp(server);
    const close = (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => void server.close(() => resolve()));
    };
    closers.push(() => void close());
    return { port, close };
  };

  /** Passes bytes on until it falls silent; healed, it passes on those of new connections only. */
  const relayTo = async (
    target: number,
  ): Promise<{
    readonly port: number;
    readonly fallSilent: () => void;
    readonly heal: () => void;
    readonly connections: () => number;
  }> => {
    const pairs: (readonly [Socket, Socket])[] = [];
    let silent = false;
    const server = createTcp((near) => {
      const far = new Socket().connect(target, '127.0.0.1');
      pairs.push([near, far]);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on('error', () => undefined);
        one.on('close', () => other.destroy());
        if (!silent) one.pipe(other);
      }
    });
    const port = await listenTcp(server);
    closers.push(() => {
      for (const socket of pairs.flat()) socket.destroy();
      server.close();
    });
    return {
      port,
      fallSilent: () => {
        silent = true;
        for (const [near, far] of pairs) {
          near.unpipe();
          far.unpipe();
        }
      },
      heal: () => {
        silent = false;
      },
      connections: () => pairs.length,
    };
  };
});

const listenTcp = (server: TcpServer): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** One request as bytes; the answer as text. */
const raw = (port: number, tls: TlsTexts, method: string, path: string, body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ ...tls, host: '127.0.0.1', port });
    const length = Buffer.byteLength(body);
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('utf8');
    });
    socket.on('close', () => resolve(text));
    socket.on('error', (error) => (text === '' ? reject(error) : undefined));
    socket.write(
      `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n${body}`,
    );
  });
