import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { baseKey, pruneBases } from './base.ts';
import { RELEASE_NAMES, releaseOf } from './releases.ts';

it('prunes a base of another recipe that nobody stands on, an hour after it was made', () => {
  const basesDir = mkdtempSync(join(tmpdir(), 'hamn-bases-'));
  onTestFinished(() => rmSync(basesDir, { recursive: true, force: true }));
  const own = RELEASE_NAMES.map((name) => baseKey(releaseOf(name)));
  expect(new Set(own).size).toBe(RELEASE_NAMES.length);
  const keys = [...own, 'in-use', 'left', 'begun.part'];
  for (const key of keys) mkdirSync(join(basesDir, key));
  const prune = (afterMs: number): readonly string[] => {
    pruneBases({ basesDir }, (key) => key === 'in-use', Date.now() + afterMs);
    return readdirSync(basesDir).sort();
  };
  expect(prune(3_500_000)).toEqual([...keys].sort());
  expect(prune(3_700_000)).toEqual(keys.filter((key) => key !== 'left').sort());
});
