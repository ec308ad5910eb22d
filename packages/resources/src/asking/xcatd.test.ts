import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { testClock } from '@hamn/engine/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lookAtXcatd } from './xcatd.ts';

const directory = mkdtempSync(join(tmpdir(), 'hamn-look-xcatd-'));
/** Key and certificate in one file, and the certificate is its own authority. */
const fileOf = (name: string): string => join(directory, `${name}.pem`);
const make = (name: string): void => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  const into = ['-keyout', fileOf(name), '-out', fileOf(`${name}-ca`)];
  execFileSync('openssl', ['req', '-x509', ...key, '-days', '2', '-subj', `/CN=${name}`, ...into], {
    stdio: 'pipe',
    timeout: 20_000,
  });
  writeFileSync(
    fileOf(name),
    readFileSync(fileOf(name), 'utf8') + readFileSync(fileOf(`${name}-ca`), 'utf8'),
  );
};

let server: Server | undefined;
beforeAll(() => ['ours', 'other'].forEach(make), 60_000);
afterEach(() => server?.close());
afterAll(() => rmSync(directory, { recursive: true }));

const answer = (source: string, inside: string): string =>
  `<xcatresponse>${inside}<xcatdsource>${source}</xcatdsource></xcatresponse>\n<xcatresponse><serverdone></serverdone></xcatresponse>\n`;

/** Somebody who speaks TLS as xcatd does. */
function listen(serve: (socket: TLSSocket) => void): Promise<number> {
  const [credential, ca] = ['ours', 'ours-ca'].map((name) => readFileSync(fileOf(name)));
  const made = createServer({ key: credential, cert: credential, ca, requestCert: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => serve(socket));
  });
  made.on('tlsClientError', () => undefined);
  server = made;
  return new Promise((resolve) => {
    made.listen(0, '127.0.0.1', () => {
      const at = made.address();
      resolve(typeof at === 'object' && at !== null ? at.port : 0);
    });
  });
}

const look = (port: number, limitMs = 20_000, as = 'ours') =>
  lookAtXcatd('127.0.0.1', 'mn1.cluster.lab', limitMs, testClock, {
    port,
    credentialFile: fileOf(as),
    authorityFile: fileOf(`${as}-ca`),
  });
const found = (level: string, reason?: unknown) => ({ ok: true, value: { level, reason } });

describe('a look at xcatd', () => {
  it('is well when the one of this node answers, whatever follows its short name', async () => {
    const port = await listen((socket) => socket.end(answer('MN1', '<data>Version 2.17</data>')));
    expect(await look(port)).toMatchObject(found('running', undefined));
  });

  it('is degraded when it answers with an error: its database is where to look', async () => {
    const port = await listen((socket) => socket.end(answer('mn1', '<error>No database.</error>')));
    expect(await look(port)).toMatchObject(
      found(
        'running',
        'xcatd answers, but cannot serve: No database. Its database (/etc/xcat/cfgloc) is where to look.',
      ),
    );
  });

  it('is degraded when another machine’s xcatd answers, which is named', async () => {
    const port = await listen((socket) => socket.end(answer('mn2', '<data>Version 2.17</data>')));
    expect(await look(port)).toMatchObject(
      found('running', 'At 127.0.0.1 the xcatd of mn2 answers, not the one of this node (mn1.cluster.lab).'),
    );
  });

  it('has failed when it takes the request and says nothing', async () => {
    const port = await listen(() => undefined);
    expect(await look(port, 1000)).toMatchObject(
      found('failed', `xcatd at 127.0.0.1:${port} took the request, and did not answer within 1000 ms.`),
    );
  });

  it('has failed when nothing listens', async () => {
    const port = await listen(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    expect(await look(port)).toMatchObject(found('failed', `Nothing listens at 127.0.0.1:${port}.`));
  });

  it('is degraded, not restarted, when the two certificates do not accept each other', async () => {
    const port = await listen((socket) => socket.end(answer('mn1', '')));
    expect(await look(port, 20_000, 'other')).toMatchObject(
      found(
        'running',
        expect.stringMatching(/^It was not asked: .* do not accept each other: .* when they expire\.$/),
      ),
    );
  });

  it('is degraded when root has no credential, or one that is none', async () => {
    expect(await look(1, 1000, 'none')).toMatchObject(
      found('running', expect.stringContaining('Is xCAT set up for root here?')),
    );
    writeFileSync(fileOf('torn'), '-----BEGIN CERTIFICATE-----\nMII');
    writeFileSync(fileOf('torn-ca'), '');
    expect(await look(1, 1000, 'torn')).toMatchObject(
      found('running', expect.stringContaining('Is xCAT set up for root here?')),
    );
  });
});
