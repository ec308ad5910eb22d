import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { type Sample, type ServiceNode, serviceNodeId } from '@hamn/core';
import { testClock } from '@hamn/engine/testing';
import { createServiceNodes } from '@hamn/servicenodes';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeXcatCredentials, type XcatCredentials } from './install.ts';
import { answerXml, parseRequest, requestEnd } from './xml.ts';

/** hamn's probe of xcatd against listeners that speak as the double does, with credentials as xCAT makes them. */
const directory = mkdtempSync(join(tmpdir(), 'hamn-xcatd-probe-'));
const files = {
  credentialFile: join(directory, 'client-cred.pem'),
  authorityFile: join(directory, 'ca.pem'),
};
let credentials: XcatCredentials;
let server: Server | undefined;

beforeAll(() => {
  credentials = makeXcatCredentials();
  writeFileSync(files.credentialFile, credentials.client);
  writeFileSync(files.authorityFile, credentials.authority);
}, 60_000);
afterEach(() => server?.close());
afterAll(() => rmSync(directory, { recursive: true }));

const listen = (answer: (socket: TLSSocket, command: string) => void): Promise<number> =>
  new Promise((resolve) => {
    const { server: own, authority } = credentials;
    const made = createServer({
      key: own,
      cert: own,
      ca: authority,
      requestCert: true,
      rejectUnauthorized: true,
    });
    made.on('secureConnection', (socket) => {
      let received = '';
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('utf8');
        if (received.includes(requestEnd)) answer(socket, parseRequest(received)?.command ?? '');
      });
    });
    server = made;
    made.listen(0, '127.0.0.1', () => {
      const address = made.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

const member: ServiceNode = {
  name: serviceNodeId('sn1'),
  address: '127.0.0.1',
  nodeAddress: undefined,
  xcatmaster: undefined,
  pools: ['a'],
  capacity: undefined,
  probes: ['xcatd'],
  isInMaintenance: false,
};

const probe = async (port: number, limitMs = 20_000, using = files): Promise<Sample | undefined> => {
  const [sample] = await createServiceNodes({ xcatd: { port, ...using } }, { clock: testClock }).probe(
    member,
    ['xcatd'],
    limitMs,
  );
  return sample;
};

describe('the probe of xcatd', () => {
  it('is good when lsxcatd is answered', async () => {
    let asked = '';
    const port = await listen((socket, command) => {
      asked = command;
      socket.end(answerXml('sn1', { data: ['Version 2.17.0'], errors: [], errorCode: 0 }));
    });
    expect(await probe(port)).toMatchObject({ serviceNode: 'sn1', kind: 'xcatd', outcome: 'ok' });
    expect(asked).toBe('lsxcatd');
  });

  it('is good when xcatd answers that its database is away: xcatd is not', async () => {
    const port = await listen((socket) =>
      socket.end(answerXml('sn1', { data: [], errors: ['Unable to open the database'], errorCode: 1 })),
    );
    expect(await probe(port)).toMatchObject({
      outcome: 'ok',
      message: expect.stringContaining('Unable to open the database'),
    });
  });

  it('is bad when the handshake succeeds and nothing follows: the main process stands still', async () => {
    const port = await listen(() => undefined);
    expect(await probe(port, 1000)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('took the request, and did not answer within 1000 ms'),
    });
  });

  it('is bad when the connection ends in the middle of the answer', async () => {
    const port = await listen((socket) => socket.end('<xcatresponse><data>Version'));
    expect(await probe(port)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('closed the connection without an answer'),
    });
  });

  it('is bad when nothing listens', async () => {
    const port = await listen(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    expect(await probe(port)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('Nothing listens'),
    });
  });

  it('is not made without xCAT’s credential, which is no fault of the service node', async () => {
    expect(await probe(1, 1000, { ...files, credentialFile: join(directory, 'none') })).toMatchObject({
      outcome: 'unmade',
      message: expect.stringContaining('Is xCAT set up for root here?'),
    });
  });
});
