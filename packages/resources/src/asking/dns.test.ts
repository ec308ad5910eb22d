import { createSocket, type Socket } from 'node:dgram';
import { done } from '@hamn/core';
import { testClock as clock } from '@hamn/engine/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { askDns } from './dns.ts';

let server: Socket | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

const listen = (answer: (query: Buffer) => Buffer | undefined): Promise<number> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    server = socket;
    socket.on('message', (query, { port, address }) => {
      const reply = answer(query);
      if (reply !== undefined) socket.send(reply, port, address);
    });
    socket.bind(0, '127.0.0.1', () => resolve(socket.address().port));
  });

/** The query, as a refusal. */
const refused = (query: Buffer): Buffer => {
  const reply = Buffer.from(query);
  reply.writeUInt16BE(0x8005, 2);
  return reply;
};

describe('a query of names', () => {
  it('is answered by a refusal, too', async () => {
    let asked = '';
    const port = await listen((query) => {
      asked = query.subarray(12).toString('latin1');
      return refused(query);
    });
    expect(await askDns('127.0.0.1', 20_000, clock, port)).toEqual(done);
    expect(asked).toBe('\tlocalhost\0\0\x01\0\x01');
  });

  it('is asked a second time within its limit: a datagram may be lost', async () => {
    let count = 0;
    const port = await listen((query) => {
      count += 1;
      return count < 2 ? undefined : refused(query);
    });
    expect(await askDns('127.0.0.1', 2000, clock, port)).toEqual(done);
  });

  it.each([
    ['nothing', () => undefined],
    ['to another query', (query: Buffer) => Buffer.concat([Buffer.from([0, 0]), refused(query).subarray(2)])],
    ['with a query', (query: Buffer) => query],
    ['with too little', () => Buffer.from([1, 2])],
  ])('is not answered by one who says %s', async (_what, answer) => {
    const port = await listen(answer);
    expect(await askDns('127.0.0.1', 200, clock, port)).toMatchObject({
      ok: false,
      error: { code: 'failed', message: `A query at 127.0.0.1, port ${port}: no answer within 200 ms.` },
    });
  });

  it('says that nobody listens', async () => {
    const port = await listen(() => undefined);
    await new Promise<void>((resolve) => server?.close(() => resolve()));
    server = undefined;
    expect(await askDns('127.0.0.1', 20_000, clock, port)).toMatchObject({
      ok: false,
      error: { message: `A query at 127.0.0.1, port ${port}: nobody listens there.` },
    });
  });
});
