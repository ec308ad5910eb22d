import {
  createSecureServer,
  type Http2SecureServer,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { eventually, testClock } from '@hamn/engine/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Connection } from './connection.ts';
import type { TlsTexts } from './line.ts';
import { makeForeignCertificates } from './testing/test-certificates.ts';
import { frame } from './wire/frames.ts';

const echo = { path: '/test/Echo', decode: (bytes: Buffer) => bytes.toString('utf8') };
const trailers = (status: number, text = ''): OutgoingHttpHeaders => ({
  'grpc-status': String(status),
  'grpc-message': encodeURIComponent(text),
});

/** What a member may do with a call, against what the caller makes of it. */
describe('a call to one member', () => {
  let tls: TlsTexts;
  const closers: (() => void)[] = [];
  beforeAll(() => {
    tls = makeForeignCertificates();
  });
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  const connectTo = (port: number): Connection => {
    const connection = new Connection({ url: `https://127.0.0.1:${port}`, tls }, { clock: testClock });
    closers.push(() => connection.close());
    return connection;
  };

  const member = async (
    serve: (stream: ServerHttp2Stream) => void,
  ): Promise<{ readonly server: Http2SecureServer; readonly connection: Connection }> => {
    const server = createSecureServer({ ...tls, requestCert: true });
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      serve(stream);
    });
    server.on('sessionError', () => undefined);
    closers.push(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, connection: connectTo((server.address() as AddressInfo).port) };
  };

  const answerWith = (stream: ServerHttp2Stream, body: Buffer, end: OutgoingHttpHeaders): void => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(end));
    stream.end(body);
  };

  const ask = (connection: Connection, limitMs = 1000): ReturnType<typeof connection.call<string>> =>
    connection.call(echo, Buffer.from('hello'), limitMs);

  it('reads an answer that comes in pieces', async () => {
    const { connection } = await member((stream) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers(0)));
      const bytes = frame(Buffer.from('hello'));
      stream.write(bytes.subarray(0, 3));
      setImmediate(() => stream.end(bytes.subarray(3)));
    });
    expect(await ask(connection)).toEqual({ ok: true, value: 'hello' });
  });

  it("reads the member's own refusal, alone or after an answer", async () => {
    let alone = true;
    const { connection } = await member((stream) => {
      if (alone) stream.respond({ ':status': 200, ...trailers(9, 'not now: 100 %') }, { endStream: true });
      else answerWith(stream, frame(Buffer.from('x')), trailers(14, 'etcdserver: no leader'));
    });
    expect(await ask(connection)).toMatchObject({
      ok: false,
      error: { code: 'rejected', message: expect.stringContaining('not now: 100 %') },
    });
    alone = false;
    expect(await ask(connection)).toMatchObject({
      ok: false,
      error: { code: 'unreachable', message: expect.stringContaining('no leader') },
    });
  });

  it.each<readonly [string, (stream: ServerHttp2Stream) => void]>([
    ['breaks the call off', (stream) => stream.close(2)],
    ['breaks the connection', (stream) => stream.session?.destroy()],
    ['ends without a status', (stream) => stream.respond({ ':status': 200 }, { endStream: true })],
    ['answers with an HTTP error', (stream) => stream.respond({ ':status': 503 }, { endStream: true })],
    [
      'says success without an answer',
      (stream) => stream.respond({ ':status': 200, ...trailers(0) }, { endStream: true }),
    ],
    ['sends half an answer', (stream) => answerWith(stream, Buffer.from([0, 0, 0, 0, 9, 1]), trailers(0))],
    ['compresses', (stream) => answerWith(stream, Buffer.from([1, 0, 0, 0, 0]), trailers(0))],
  ])('does not know what became of a call when the member %s, and can ask again', async (_what, serve) => {
    let broken = true;
    const { connection } = await member((stream) => {
      if (broken) serve(stream);
      else answerWith(stream, frame(Buffer.from('again')), trailers(0));
    });
    expect(await ask(connection)).toMatchObject({ ok: false, error: { code: 'unreachable' } });
    broken = false;
    expect(await ask(connection)).toEqual({ ok: true, value: 'again' });
  });

  it('does not take one call with it when another runs out of time', async () => {
    const waiting: ServerHttp2Stream[] = [];
    const { connection } = await member((stream) => void waiting.push(stream));
    const long = ask(connection, 2000);
    expect(await ask(connection, 100)).toMatchObject({ ok: false, error: { code: 'timeout' } });
    const first = waiting[0];
    if (first !== undefined) answerWith(first, frame(Buffer.from('late')), trailers(0));
    expect(await long).toEqual({ ok: true, value: 'late' });
  });

  it('keeps no socket of a dial that nobody answers', async () => {
    const open = new Set<Socket>();
    const server: Server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
      socket.resume();
    });
    closers.push(() => {
      for (const socket of open) socket.destroy();
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const connection = connectTo((server.address() as AddressInfo).port);
    for (let n = 0; n < 5; n += 1)
      expect(await ask(connection, 50)).toMatchObject({ ok: false, error: { code: 'timeout' } });
    await eventually('all sockets are closed', 5000, () => open.size === 0);
  });

  it('says where nobody listens, at once', async () => {
    const answer = await ask(connectTo(1));
    expect(answer).toMatchObject({ ok: false, error: { code: 'unreachable' } });
    expect(!answer.ok && answer.error.message).toMatch(
      /https:\/\/127\.0\.0\.1:1 cannot be reached \(.*ECONNREFUSED/,
    );
  });
});
