import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  watch as watchFolder,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@hamn/engine/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Listing } from './listing.ts';
import { TreeWatch, type TreeWatchDeps } from './tree-watch.ts';

let folder: string;
let watch: TreeWatch;
let dirty: Set<string>;
let doubts: string[];

beforeEach(() => {
  // On a disk: a file system in memory does not use an inode again at once.
  folder = mkdtempSync('/var/tmp/hamn-watch-');
  mkdirSync(join(folder, 'tree'));
  dirty = new Set();
  doubts = [];
  watch = watchTree();
});
const watchTree = (deps?: TreeWatchDeps): TreeWatch =>
  new TreeWatch(
    new Listing([join(folder, 'tree')], ['own']),
    { onDirty: (path) => dirty.add(path), onDoubt: (reason) => doubts.push(reason) },
    deps,
  );
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

  it('goes on in a folder that was deleted and made again with the same inode', async () => {
    const sub = join(folder, 'tree', 'sub');
    /** Others use inodes of this file system, too: whether this time it was the same one. */
    const makeAgain = async (): Promise<boolean> => {
      dirty.clear();
      mkdirSync(sub);
      await seen(sub);
      await seen(make('sub/before'));
      const { ino } = statSync(sub);
      rmSync(sub, { recursive: true });
      for (let n = 0; n < 50; n += 1) {
        const spare = mkdtempSync(join(folder, 'spare-'));
        if (statSync(spare).ino !== ino) continue;
        renameSync(spare, sub);
        return true;
      }
      await eventually('its end is seen', 20_000, () => watch.folders === 2);
      return false;
    };
    let isSame = false;
    for (let tries = 0; tries < 20 && !isSame; tries += 1) isSame = await makeAgain();
    expect(isSame).toBe(true);
    await seen(make('after'));
    await seen(make('sub/after'));
    await seen(make('sub/later'));
    dirty.clear();
    await seen(make('sub/once-more'));
  });

  it('that is large is read in slices, between which others have their turn', async () => {
    watch.close();
    for (let n = 0; n < 1000; n += 1)
      mkdirSync(join(folder, 'tree', `d${n % 10}`, `e${n}`), { recursive: true });
    watch = watchTree();
    const counts = [watch.folders];
    expect(watch.isReady).toBe(false);
    while (!watch.isReady) {
      await new Promise(setImmediate);
      counts.push(watch.folders);
    }
    expect(watch.folders).toBe(1012);
    expect(counts.length).toBeGreaterThan(3);
    await seen(make('d9/e999/file'));
    expect(doubts).toEqual([]);
  });

  it('is left with all that is below when it goes, and tells of all when it comes', async () => {
    mkdirSync(join(folder, 'far/deep/er'), { recursive: true });
    writeFileSync(join(folder, 'far/deep/er/file'), '');
    writeFileSync(join(folder, 'far/deep/own'), '');
    renameSync(join(folder, 'far'), join(folder, 'tree/near'));
    await seen(join(folder, 'tree/near/deep/er/file'));
    expect(dirty).toContain(join(folder, 'tree/near/deep/er'));
    expect(dirty).not.toContain(join(folder, 'tree/near/deep/own'));
    expect(watch.folders).toBe(5);
    renameSync(join(folder, 'tree/near'), join(folder, 'far'));
    await eventually('it is left', 20_000, () => watch.folders === 2);
  });

  it('tells of the attributes of a folder as of the folder', async () => {
    chmodSync(join(folder, 'tree'), 0o700);
    await seen(join(folder, 'tree'));
    await seen(make('file'));
    expect(watch.folders).toBe(2);
  });
});

describe('a trouble of the watch', () => {
  let now: number;
  let full: boolean;
  const failing: TreeWatchDeps = {
    now: () => now,
    watch: ((...given: Parameters<typeof watchFolder>) => {
      if (String(given[0]).endsWith('gone')) rmSync(given[0], { recursive: true });
      if (full && String(given[0]).endsWith('deep'))
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      return watchFolder(...given);
    }) as typeof watchFolder,
  };
  const begin = (): void => {
    watch.close();
    watch = watchTree(failing);
  };
  beforeEach(() => {
    now = 0;
    full = true;
  });

  it('ends with its cause: a minute later all is watched anew and compared', async () => {
    mkdirSync(join(folder, 'tree/deep'));
    begin();
    expect(watch.trouble).toContain('fs.inotify.max_user_watches');
    now = 59_000;
    full = false;
    watch.look();
    expect(watch.trouble).toBeDefined();
    now = 61_000;
    full = true;
    watch.look();
    expect([watch.trouble === undefined, doubts]).toEqual([false, []]);
    now = 122_000;
    full = false;
    watch.look();
    expect([watch.trouble, doubts.length, watch.folders]).toEqual([undefined, 1, 3]);
    await seen(make('deep/file'));
  });

  it('is none where a folder goes while it is to be watched', () => {
    mkdirSync(join(folder, 'tree/gone'));
    begin();
    expect([watch.trouble, watch.folders]).toEqual([undefined, 2]);
  });
});
