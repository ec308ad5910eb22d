import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { routes } from '@hamn/api';
import { memoryStore } from '@hamn/engine/testing';
import { Journal } from '@hamn/telemetry';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Control } from '../control.ts';
import { Documents } from '../documents.ts';
import { FencingControl } from '../fencing-control.ts';
import { FileSyncControl } from '../file-sync-control.ts';
import { LocalFactsFile } from '../node/local-facts.ts';
import { ServiceNodesControl } from '../service-nodes-control.ts';
import { type Caller, type RouterDeps, route } from './router.ts';
import { listenSocket } from './servers.ts';

const directory = mkdtempSync(join(tmpdir(), 'hamn-router-'));
const path = join(directory, 'hamnd.sock');
const errors: unknown[] = [];
let server: Server;
let caller: Caller = 'admin';

function deps(): RouterDeps {
  const store = memoryStore();
  const journal = new Journal({
    node: 'mn1',
    group: 'mn',
    level: 'silent',
    file: undefined,
    wallMs: () => 1,
  });
  const options = { cluster: 'lab', group: 'mn', node: 'mn1' };
  return {
    group: 'mn',
    documents: new Documents(
      options,
      () => undefined,
      store,
      () => 'hamnd waits.',
    ),
    fencing: new FencingControl(
      'mn1',
      () => undefined,
      () => undefined,
      journal,
    ),
    control: new Control(() => undefined, store, new LocalFactsFile('/nonexistent'), journal),
    fileSync: new FileSyncControl('mn1', () => undefined, journal),
    serviceNodes: new ServiceNodesControl('mn1', {
      settings: () => undefined,
      store,
      journal,
      onWish: () => undefined,
    }),
    journal,
    metricsText: async () => ({ type: 'text/plain', text: '' }),
  };
}

beforeAll(async () => {
  const router = deps();
  const listening = await listenSocket(path, (_caller, request, response) =>
    route(router, caller, request, response).catch((error: unknown) => void errors.push(error)),
  );
  if (!listening.ok) throw new Error(listening.error.message);
  server = listening.value;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

/** Sends the bytes, says that nothing more comes, and gives what came back. */
const send = (bytes: Buffer): Promise<string> =>
  new Promise((resolve) => {
    let said = '';
    const socket = connect(path);
    socket.on('data', (piece) => {
      said += piece.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said));
    socket.end(bytes);
  });

const word = fc.oneof(
  fc.constantFrom(...Object.values(routes), '//', '/%', '*', 'http://[', '/status?since=\u0000'),
  fc.string(),
);
const request = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'DELETE', 'BREW'),
    word,
    fc.dictionary(fc.stringMatching(/^[a-z-]{1,12}$/), fc.stringMatching(/^[ -~]{0,20}$/), { maxKeys: 4 }),
    fc.oneof(
      fc.string(),
      fc.json(),
      fc.constant('{"kind":"switchover","by":"x","lifeMs":1}'),
      fc.nat(70_000).map((length) => '['.repeat(length)),
    ),
  )
  .map(([method, target, headers, body]) => {
    const lines = Object.entries({
      ...headers,
      host: 'x',
      connection: 'close',
      'content-length': `${Buffer.byteLength(body)}`,
    });
    const head = [`${method} ${target} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)];
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
const bytes = fc.oneof(
  request,
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);

describe('a request, whatever it is', () => {
  it.each<Caller>(['admin', 'peer', 'open'])(
    'of a caller who is %s is answered, or hung up on',
    async (who) => {
      caller = who;
      await fc.assert(
        fc.asyncProperty(bytes, async (given) => {
          const said = await send(given);
          expect(said === '' || /^HTTP\/1\.1 [1-5]\d\d /.test(said)).toBe(true);
          expect(errors).toEqual([]);
          if (who !== 'admin') expect(said).not.toContain('202 Accepted');
        }),
      );
      expect(
        await send(Buffer.from('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')),
      ).toContain('200 OK');
    },
  );
});
