import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { type IncomingMessage, request as requestHttp, type Server } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { expired, makeTestCertificates } from '@hamn/peer/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AdmissionLimits } from './admission.ts';
import { sendText } from './answers.ts';
import { type Handler, listenHttps, listenSocket } from './servers.ts';

/** Says who called. What each caller may do is the router's business. */
const whoCalls: Handler = async (caller, _request, response) => sendText(response, 200, 'text/plain', caller);

const certificates = makeTestCertificates(['mn1', 'mn2', expired]);
const foreign = makeTestCertificates(['mn2']);
const own = certificates.get('mn1') ?? { ca: '', cert: '', key: '' };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(limits?: AdmissionLimits): Promise<number> {
  const listening = await listenHttps(
    {
      tls: own,
      port: 0,
      host: '127.0.0.1',
      isNode: () => false,
      peers: () => false,
      ...(limits === undefined ? {} : { limits }),
    },
    whoCalls,
  );
  if (!listening.ok) throw new Error(listening.error.message);
  servers.push(listening.value);
  return (listening.value.address() as AddressInfo).port;
}

/** The answer's text, or the code of what went wrong. */
const ask = (port: number, options: object = {}): Promise<string> =>
  new Promise((resolve) => {
    const asked = requestHttps(
      { host: '127.0.0.1', port, ca: own.ca, agent: false, ...options },
      (response) => void textOf(response).then(resolve),
    );
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end();
  });

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response) text += String(piece);
  return text;
}

describe('the HTTPS port', () => {
  it('knows who has a certificate of its CA that is valid', async () => {
    const port = await serve();
    const { cert, key } = certificates.get('mn2') ?? own;
    expect(await ask(port, { cert, key })).toBe('peer');
  });

  it.each([
    ['no certificate', undefined],
    ["another CA's certificate", foreign.get('mn2')],
    ['an expired certificate', certificates.get(expired)],
  ])('takes a caller with %s for anybody', async (_what, tls) => {
    const port = await serve();
    expect(await ask(port, { cert: tls?.cert, key: tls?.key })).toBe('open');
  });

  it.each<SecureVersion>(['TLSv1', 'TLSv1.1', 'TLSv1.2'])('does not speak %s', async (version) => {
    const port = await serve();
    // At security level 0 the client is willing, so it is the server that refuses.
    const old = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' };
    expect(await ask(port, old)).toMatch(/EPROTO|PROTOCOL_VERSION/);
  });

  it('does not speak HTTP without TLS', async () => {
    const port = await serve();
    const said = await new Promise<string>((resolve) => {
      const asked = requestHttp({ host: '127.0.0.1', port, path: '/healthz', agent: false }, (response) =>
        resolve(`status ${response.statusCode}`),
      );
      asked.on('error', () => resolve('hung up'));
      asked.end();
    });
    expect(said).toBe('hung up');
  });

  it('hangs up on headers that are too long', async () => {
    const port = await serve();
    expect(await ask(port, { headers: { 'x-long': 'x'.repeat(20_000) } })).toMatch(
      /ECONNRESET|EPIPE|hang up/,
    );
  });
});

describe('a hostile crowd', () => {
  const limits = { strangers: 8, strangersOfOneAddress: 8, newOnesPerSecond: 1000 };
  const open: Socket[] = [];
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
  });
  const silent = (port: number): Socket => {
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => undefined);
    open.push(socket);
    return socket;
  };

  it('that holds connections open keeps nobody out', async () => {
    const port = await serve(limits);
    const { cert, key } = certificates.get('mn2') ?? own;
    const crowd = Array.from({ length: 40 }, () => silent(port));
    await Promise.all(crowd.slice(0, 32).map((socket) => once(socket, 'close')));
    expect(await ask(port, { cert, key })).toBe('peer');
    expect(await ask(port)).toBe('open');
  });

  it('cannot push a node out that is connected', async () => {
    const port = await serve(limits);
    const { cert, key } = certificates.get('mn2') ?? own;
    const node = connectTls({ host: '127.0.0.1', port, ca: own.ca, cert, key });
    await once(node, 'secureConnect');
    // The server knows the certificate only when it has read the client's last message of the handshake.
    node.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(node, 'data');
    const crowd = Array.from({ length: 40 }, () => silent(port));
    await Promise.all(crowd.slice(0, 32).map((socket) => once(socket, 'close')));
    node.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(String(await once(node, 'data'))).toContain('200 OK');
    node.destroy();
  });

  it('that sends its headers a byte at a time is cut off', async () => {
    const port = await serve();
    const slow = connectTls({ host: '127.0.0.1', port, ca: own.ca });
    await once(slow, 'secureConnect');
    slow.on('error', () => undefined);
    slow.resume();
    slow.write('GET /healthz HTTP/1.1\r\n');
    const drip = setInterval(() => slow.write('x'), 100);
    const begun = performance.now();
    await once(slow, 'close');
    clearInterval(drip);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});

describe('the root-only socket', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'hamn-socket-'));
    // Anybody may look into this directory: only the socket's own mode is left to keep others out.
    chmodSync(directory, 0o755);
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  beforeEach(async () => {
    const listening = await listenSocket(join(directory, 'hamnd.sock'), whoCalls);
    if (!listening.ok) throw new Error(listening.error.message);
    servers.push(listening.value);
  });

  it('is for root alone', () => {
    const { mode, uid } = statSync(join(directory, 'hamnd.sock'));
    expect([mode & 0o777, uid]).toEqual([0o600, process.getuid?.()]);
  });

  it.runIf(process.getuid?.() === 0)('refuses another user', async () => {
    const program =
      'require("net").connect(process.argv[1]).on("connect",()=>process.exit(7)).on("error",(e)=>process.exit(e.code==="EACCES"?3:4))';
    const nobody: ChildProcess = spawn(process.execPath, ['-e', program, join(directory, 'hamnd.sock')], {
      uid: 65_534,
      gid: 65_534,
      cwd: '/',
      stdio: 'ignore',
    });
    expect(await once(nobody, 'exit')).toEqual([3, null]);
  });
});
