import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { sdNotify, watchdogMs } from './service-manager.ts';
import { until } from './testing/until.ts';

const python = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); s.settimeout(5)
print(s.recv(200).decode())`;

test('systemd hears what it is told', async () => {
  const directory = mkdtempSync(`${tmpdir()}/hamn-notify-`);
  const path = `${directory}/notify`;
  try {
    const heard = promisify(execFile)('python3', ['-c', python, path], { timeout: 8000 });
    await until('somebody listens', () => sdNotify('READY=1', path).ok);
    expect((await heard).stdout.trim()).toBe('READY=1');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('without systemd nothing is sent, and a dead socket is a failure', () => {
  expect(sdNotify('READY=1', undefined)).toMatchObject({ ok: true });
  expect(sdNotify('READY=1', '/nonexistent/notify')).toMatchObject({
    ok: false,
    error: { code: 'not-sent' },
  });
});

test('the watchdog limit is read from the environment, for this process only', () => {
  expect(watchdogMs({ WATCHDOG_USEC: '3000000' })).toBe(3000);
  expect(watchdogMs({ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '1' })).toBeUndefined();
  expect(watchdogMs({})).toBeUndefined();
});
