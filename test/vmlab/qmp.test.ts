import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { QmpSession } from './qmp.ts';

const folder = mkdtempSync(join(tmpdir(), 'hamn-qmp-'));
const path = join(folder, 'qmp.sock');
let server: Server | undefined;

/** A monitor that greets, agrees to the capabilities, and says `answer` to everything else. */
async function monitor(answer: readonly string[]): Promise<void> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
    socket.on('data', (chunk) => {
      const lines = String(chunk).includes('qmp_capabilities') ? ['{"return": {}}'] : answer;
      // In two pieces: a line may come torn.
      const text = lines.map((line) => `${line}\r\n`).join('');
      socket.write(text.slice(0, 5), () => socket.write(text.slice(5)));
    });
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
}

afterEach(() => {
  server?.close();
  rmSync(path, { force: true });
});

test('an event beside the answer is kept, and the answer is the answer', async () => {
  await monitor([
    '{"timestamp": {"seconds": 5, "microseconds": 500000}, "event": "RESET", "data": {"guest": true}}',
    '{"return": {"status": "running"}}',
  ]);
  const session = await QmpSession.open(path);
  expect(await session.execute('query-status')).toEqual({ status: 'running' });
  expect(session.events('RESET')).toEqual([{ name: 'RESET', data: { guest: true }, wallMs: 5500 }]);
  expect(session.events('STOP')).toEqual([]);
  session.close();
});

test('a refusal is told in the monitor’s own words', async () => {
  await monitor(['{"error": {"class": "GenericError", "desc": "Device not found"}}']);
  const session = await QmpSession.open(path);
  await expect(session.execute('set_link')).rejects.toThrow(/'set_link': Device not found/);
  session.close();
});

test('a machine that loses its power answers nobody, and nobody waits', async () => {
  await monitor([]);
  const session = await QmpSession.open(path);
  const asked = session.execute('query-status');
  session.close();
  await expect(asked).rejects.toThrow(/was powered off/);
});

test('a monitor that is not there is named', async () => {
  await expect(QmpSession.open(join(folder, 'none.sock'))).rejects.toMatchObject({ code: 'no-monitor' });
});
