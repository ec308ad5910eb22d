import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunCommand } from '../run-command.ts';

/** This machine as the checks of its disks and its network's files see it; a directory tree in tests. */
export interface DiskPatient {
  /** Undefined where there is no such file, or nobody may read it. */
  read(path: string): Promise<string | undefined>;
  /** Names in a directory, sorted; none where there is none. */
  list(path: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  readonly run: RunCommand;
}

const longestFile = 1_000_000;

export const diskPatient = (root: string, run: RunCommand): DiskPatient => ({
  run,
  read: async (path) => {
    try {
      const text = await readFile(join(root, path), 'utf8');
      return text.length > longestFile ? undefined : text;
    } catch {
      return undefined;
    }
  },
  list: async (path) => {
    try {
      return (await readdir(join(root, path))).toSorted();
    } catch {
      return [];
    }
  },
  exists: (path) =>
    stat(join(root, path)).then(
      () => true,
      () => false,
    ),
});
