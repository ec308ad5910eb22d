import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Listing } from './listing.ts';
import type { SenderPlan } from './plan.ts';
import { pathsRun, withFolders } from './rsync.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
const changed = (...names: readonly string[]) => {
  const { paths, lines, skipped } = withFolders(names.map(at), new Listing([at('tree'), at('other')], []));
  const short = (all: readonly string[]): readonly string[] =>
    all.map((path) => path.slice(folder.length + 1));
  return {
    paths: short(paths),
    lines: short(lines.map(({ path }) => path)),
    skipped: short(skipped.map(({ path }) => path)),
  };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hamn-rsync-'));
  for (const name of ['tree/a/b', 'other']) mkdirSync(at(name), { recursive: true });
  for (const name of ['tree/a/b/file', 'other/file']) writeFileSync(at(name), '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  [1, '--bwlimit=1'],
  [50_000_000, '--bwlimit=48828'],
  [10_000_000_000, '--bwlimit=9765625'],
])('a bandwidth of %d bytes a second is told in KiB', (bytesPerSecond, option) => {
  const plan: SenderPlan = {
    ...{ resource: 'files', node: 'mn1', token: 1, paths: [], exclude: [], port: 7444, compareEveryMs: 1 },
    ...{ receivers: [], waitsFor: [], folder, keyFile: '', standingFile: '', deadlineFile: '' },
    bytesPerSecond,
  };
  const to = { node: 'mn2', address: '10.1.0.2', hostKey: '' };
  const run = pathsRun(plan, new Listing([], []), to, 'ssh', 'complete', []);
  expect(run.arguments).toContain(option);
});

describe('a run of single changes', () => {
  it('names a change with its folder', () => {
    expect(changed('tree/a/b/file', 'tree/a/b/gone')).toEqual({
      paths: ['tree/a/b/file', 'tree/a/b', 'tree/a/b/gone'],
      lines: [],
      skipped: [],
    });
  });
  it('never names a folder that is gone, unless the folder itself is the change', () => {
    rmSync(at('tree/a/b'), { recursive: true });
    expect(changed('tree/a/b/file').paths).toEqual(['tree/a/b/file']);
    expect(changed('tree/a/b').paths).toEqual(['tree/a/b', 'tree/a']);
  });
  it.each([
    ['moved away', () => undefined],
    ['an empty folder, as a file system that is not mounted', () => mkdirSync(at('tree'))],
  ])('leaves out a line that is %s', (_what, make) => {
    renameSync(at('tree'), at('away'));
    make();
    expect(changed('tree/tree', 'tree/a/b/b', 'tree/a/b/file', 'other/file')).toEqual({
      paths: ['other/file', 'other'],
      lines: [],
      skipped: ['tree'],
    });
  });
});
