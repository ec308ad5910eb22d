import { createServer, type Server, type Socket } from 'node:net';
import { testClock as clock } from '@hamn/engine/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, type Ganesha, startGanesha } from '../testing/ganesha.ts';
import { askNfs, nullCall, readReply } from './nfs.ts';

const limitMs = 20_000;

describe('a real NFS server', () => {
  let server: Ganesha;
  beforeAll(async () => {
    server = await startGanesha();
  }, 90_000);
  afterAll(() => server.stop());

  it('answers the call NULL, and does not answer while it stands still', async () => {
    expect(await askNfs('127.0.0.1', limitMs, clock, server.port)).toMatchObject({ ok: true });
    server.signal('SIGSTOP');
    const said = await askNfs('127.0.0.1', 300, clock, server.port);
    server.signal('SIGCONT');
    expect(said).toMatchObject({
      ok: false,
      error: { code: 'failed', message: expect.stringContaining('did not answer within 300 ms') },
    });
    expect(await askNfs('127.0.0.1', limitMs, clock, server.port)).toMatchObject({ ok: true });
  });
});

describe('what is no NFS server', () => {
  let double: Server | undefined;
  afterEach(() => double?.close());
  const serve = (work: (socket: Socket) => void): Promise<number> =>
    new Promise((resolve) => {
      const server = createServer((socket) => {
        socket.on('error', () => socket.destroy());
        work(socket);
      });
      double = server;
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });

  it('that nothing listens is said', async () => {
    expect(await askNfs('127.0.0.1', limitMs, clock, await freePort())).toMatchObject({
      ok: false,
      error: { code: 'failed', message: expect.stringContaining('Nothing listens at 127.0.0.1:') },
    });
  });

  it.each([
    ['closes', (socket: Socket) => void socket.end(), /closed the connection without an answer|ECONNRESET/],
    [
      'talks HTTP',
      (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /refuses the call NULL/,
    ],
  ])('that it %s is no answer', async (_what, work, why) => {
    const said = await askNfs('127.0.0.1', limitMs, clock, await serve(work));
    expect(said.ok ? 'it answered' : said.error.message).toMatch(why);
  });
});

describe('a reply of RPC', () => {
  const reply = (...words: number[]): Buffer => {
    const data = Buffer.alloc(words.length * 4 + 4);
    data.writeUInt32BE(0x80000000 + words.length * 4, 0);
    for (const [at, word] of words.entries()) data.writeUInt32BE(word, at * 4 + 4);
    return data;
  };
  it.each([
    ['served', reply(7, 1, 0, 0, 0, 0), 'served'],
    ['of a server of NFSv3 only', reply(7, 1, 0, 0, 0, 2, 3, 3), 'other-version'],
    ['of another call', reply(8, 1, 0, 0, 0, 0), 'refused'],
    ['denied', reply(7, 1, 1, 0, 0, 0), 'refused'],
    ['without the program', reply(7, 1, 0, 0, 0, 1), 'refused'],
    ['with a verifier that is too long', reply(7, 1, 0, 0, 4000, 0), 'refused'],
    ['in part', reply(7, 1, 0, 0, 0, 0).subarray(0, 20), undefined],
    ['empty', Buffer.alloc(0), undefined],
  ])('%s', (_what, data, is) => {
    expect(readReply(data, 7)).toBe(is);
  });
  it('is asked for by 44 bytes', () => {
    expect(nullCall(7, 4).toString('hex')).toBe(
      '80000028000000070000000000000002000186a3000000040000000000000000000000000000000000000000',
    );
  });
});
