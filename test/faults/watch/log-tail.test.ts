import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LogTail } from './log-tail.ts';

test('a growing log is read line by line, and half a line later', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hamn-log-tail-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'log');
  const tail = new LogTail(file, Number);
  expect(tail.read()).toEqual([]);
  appendFileSync(file, '1\n2\n3');
  expect(tail.read()).toEqual([1, 2]);
  appendFileSync(file, '4\n');
  expect(tail.read()).toEqual([1, 2, 34]);
});
