import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { ok } from '@hamn/core';
import { testClock } from '@hamn/engine/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Session } from './session.ts';

const secret = 'correct horse battery staple';
/** AuthenticationCleartextPassword (PostgreSQL documentation, "Message Formats"). */
const asksInClear = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

let server: Server;
afterEach(() => void server.close());

describe('a session', () => {
  it('never tells its password to a server that asks for it in clear text', async () => {
    let heard = '';
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        heard += bytes.toString('latin1');
      });
      socket.once('data', () => socket.write(asksInClear));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const session = new Session(
      { host: '127.0.0.1', port, user: 'hamn', database: 'postgres', password: async () => ok(secret) },
      { clock: testClock },
    );
    const answer = await session.query('SELECT 1', 5000);
    expect(answer).toMatchObject({ ok: false, error: { code: 'denied' } });
    expect(answer.ok ? '' : answer.error.message).toContain('write scram-sha-256 instead of password');
    expect(heard).toContain('hamn');
    expect(heard).not.toContain(secret);
    session.close();
  });
});
