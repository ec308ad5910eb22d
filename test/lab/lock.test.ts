import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { takeLock, withLock } from './lock.ts';
import { startTimeOf } from './proc.ts';

const dir = mkdtempSync(join(tmpdir(), 'hamn-lock-'));
const path = join(dir, 'lock');

afterAll(() => rmSync(dir, { recursive: true }));

test('a lock is given back however the work ends', async () => {
  await expect(withLock(path, 'work', 0, () => Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  );
  expect(existsSync(path)).toBe(false);
});

test("another living process's lock is respected, and named with the remedy", async () => {
  const other = spawn('sleep', ['60']);
  const pid = other.pid ?? 0;
  writeFileSync(path, JSON.stringify({ pid, startTime: startTimeOf(pid), purpose: 'lab up mn1' }));
  await expect(takeLock(path, 'work', 100)).rejects.toThrow(`in use by process ${pid} (lab up mn1)`);
  other.kill('SIGKILL');
  rmSync(path);
});

test('the lock of a process that has ended, or whose number was given to another one, is taken over', async () => {
  for (const startTime of ['1', 'of another process']) {
    writeFileSync(
      path,
      JSON.stringify({ pid: startTime === '1' ? 2 ** 22 - 1 : process.pid, startTime, purpose: 'crashed' }),
    );
    const lock = await takeLock(path, 'work', 0);
    lock.release();
    expect(existsSync(path)).toBe(false);
  }
});

test('two that want it at once come one after the other', async () => {
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withLock(path, 'work', 5_000, work)));
  expect(most).toBe(1);
});
