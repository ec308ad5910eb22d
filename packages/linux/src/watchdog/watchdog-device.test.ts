import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { isActive, openWatchdog } from './watchdog-device.ts';

test('what is no watchdog is told from what is not there', async () => {
  expect(await openWatchdog('/nonexistent/watchdog')).toMatchObject({
    ok: false,
    error: {
      code: 'not-found',
      message: expect.stringContaining('There is no watchdog /nonexistent/watchdog'),
    },
  });
  expect(await openWatchdog('/dev/null')).toMatchObject({
    ok: false,
    error: { code: 'unsuitable', message: '/dev/null is no watchdog.' },
  });
});

test('whether one still runs is what the kernel says; one that nobody knows does not', () => {
  const directory = mkdtempSync(`${tmpdir()}/hamn-watchdog-`);
  for (const [name, state] of [
    ['watchdog0', 'active'],
    ['watchdog1', 'inactive'],
  ] as const) {
    mkdirSync(`${directory}/${name}`);
    writeFileSync(`${directory}/${name}/state`, `${state}\n`);
  }
  expect(isActive('/dev/watchdog', directory)).toBe(true);
  expect(isActive('/dev/watchdog0', directory)).toBe(true);
  expect(isActive('/dev/watchdog1', directory)).toBe(false);
  expect(isActive('/dev/watchdog2', directory)).toBe(false);
  rmSync(directory, { recursive: true });
});
