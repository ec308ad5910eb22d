import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@hamn/engine/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Listing } from './listing.ts';
import { TreeWatch } from './tree-watch.ts';

let folder: string;
let watch: TreeWatch;
let dirty: Set<string>;
let doubts: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hamn-watch-'));
  mkdirSync(join(folder, 'tree'));
  dirty = new Set();
  doubts = [];
  watch = new TreeWatch(new Listing([join(folder, 'tree')], ['own']), {
    onDirty: (path) => dirty.add(path),
    onDoubt: (reason) => doubts.push(reason),
  });
});
afterEach(() => {
  watch.close();
  rmSync(folder, { recursive: true, force: true });
});

const make = (name: string): string => {
  const path = join(folder, 'tree', name);
  writeFileSync(path, '');
  return path;
};
const seen = (path: string): Promise<void> => eventually(`${path} is seen`, 20_000, () => dirty.has(path));

describe('a watched tree', () => {
  it('tells what changed, and not what is each node’s own', async () => {
    make('own');
    await seen(make('file'));
    expect([...dirty].filter((path) => path.endsWith('/own'))).toEqual([]);
    expect(doubts).toEqual([]);
  });

  it('is in doubt once the storm is over, for the kernel does not tell what it dropped', async () => {
    let last = '';
    for (let file = 0; file < 5000; file += 1) last = make(`f${file}`);
    await seen(last);
    watch.look();
    expect(doubts).toEqual([]);
    watch.look();
    expect(doubts).toHaveLength(1);
    watch.look();
    expect(doubts).toHaveLength(1);
  });
});
