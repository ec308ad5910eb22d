import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lsn } from '@hamn/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DivergedReport, KeptWal } from './kept.ts';

const day = 86_400_000;
const now = Date.now();
let home = '';
let kept: KeptWal;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hamn-kept-'));
  mkdirSync(join(home, 'data', 'pg_wal'), { recursive: true });
  kept = new KeptWal(join(home, 'data'));
});
afterEach(() => rmSync(home, { recursive: true }));

const report = (atWallMs: number): DivergedReport => ({
  summary: `of ${atWallMs}`,
  atWallMs,
  untilWallMs: atWallMs + 7 * day,
  source: 'mn2',
  systemId: '1',
  parts: [],
  commits: 1,
  isPartial: false,
  relations: [],
});

test('only the segments from the fork on are kept, with the history of their timelines', async () => {
  const names = [
    '000000010000000000000001',
    '000000010000000000000002',
    '000000010000000000000003',
    '000000020000000000000003',
    '00000002.history',
    '00000003.history',
    'archive_status',
  ];
  for (const name of names) writeFileSync(join(home, 'data', 'pg_wal', name), 'wal');
  const path = kept.pathFor(1, Date.UTC(2026, 10, 28, 3, 15, 2));
  expect(path).toBe(join(home, 'data.hamn-diverged-1-20261128T031502Z'));
  const parts = [
    { timeline: 1, from: lsn(0x2000028n), to: lsn(0x3000100n) },
    { timeline: 2, from: lsn(0x3000100n), to: undefined },
  ];
  expect(await kept.keep(path, parts, 16 * 1024 * 1024)).toBe(true);
  expect(readdirSync(path).sort()).toEqual(names.slice(1, 5).sort());
});

test('what is too old goes, and the oldest of too many; what is being written stays', async () => {
  const paths: string[] = [];
  for (const age of [8, 6, 5, 4, 3, 2, 1]) {
    const path = kept.pathFor(2, now - age * day);
    mkdirSync(path);
    await kept.report(path, report(now - age * day));
    paths.push(path);
  }
  const begun = kept.pathFor(3, now);
  mkdirSync(begun);
  await kept.prune(now);
  expect(existsSync(begun)).toBe(true);
  expect(paths.map((path) => existsSync(path))).toEqual([false, false, true, true, true, true, true]);
  expect((await kept.list()).map(({ atWallMs }) => (now - atWallMs) / day)).toEqual([1, 2, 3, 4, 5]);
});
