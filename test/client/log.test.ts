import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appendRecord, type LogRecord, parseLog } from './log.ts';

const record: LogRecord = {
  event: 'connected',
  writer: 'w',
  atMs: 1.5,
  wallMs: 2,
  node: 'mn1',
  because: 'test',
};

test('a log reads back as it was written', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hamn-log-'));
  const path = join(dir, 'log');
  const fd = openSync(path, 'a');
  appendRecord(fd, record);
  appendRecord(fd, { ...record, atMs: 3 });
  expect(parseLog(readFileSync(path, 'utf8'))).toEqual([record, { ...record, atMs: 3 }]);
  rmSync(dir, { recursive: true });
});

test('a last line that was cut short is left out', () => {
  expect(parseLog(`${JSON.stringify(record)}\n{"event":"ro`)).toEqual([record]);
});

test('a foreign line is an error that shows it', () => {
  expect(() => parseLog('{"hello":1}\n')).toThrow('{"hello":1}');
});
