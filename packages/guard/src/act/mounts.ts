import { readFileSync, realpathSync } from 'node:fs';
import type { GuardMount } from '@hamn/core';
import { type Mount, parseMounts, plainPath, sourcePath } from '@hamn/linux';

/** The host's table and this process's own: a service has a mount namespace of its own, and a file system lives as long as one has it. */
const tables: readonly string[] = ['/proc/1/mountinfo', '/proc/self/mountinfo'];

/** What is still mounted, by its path; `undefined`: it cannot be seen. */
export type Mounted = readonly Mount[] | undefined;

/**
 * Which of these file systems are mounted, wherever that is: one that was bound or mounted by hand elsewhere is written to just as well. The
 * deepest path comes first. Only /proc is read, and names below /dev: no file system that may hang is asked.
 */
export function mountedOf(wanted: readonly GuardMount[], read: readonly string[] = tables): Mounted {
  if (wanted.length === 0) return [];
  const found = new Map<string, Mount>();
  try {
    const sources = wanted.map(({ source, target }) => ({
      name: deviceOf(source),
      target: plainPath(target),
    }));
    for (const mount of read.flatMap((path) => parseMounts(readFileSync(path, 'utf8'))))
      if (sources.some((one) => isOf(one, mount))) found.set(mount.target, mount);
  } catch {
    return undefined;
  }
  return [...found.values()].sort((a, b) => b.target.length - a.target.length);
}

interface Source {
  /** Its device; undefined when no such name is there (any more), so that nothing can be compared. */
  readonly name: string | undefined;
  readonly target: string;
}

function isOf({ name, target }: Source, mount: Mount): boolean {
  if (name !== undefined && deviceOf(mount.source) === name) return true;
  // Of a file system on several disks the kernel shows any of them.
  const isAnyDisk = name === undefined || mount.type === 'btrfs';
  return isAnyDisk && mount.target === target && mount.type !== 'autofs';
}

/** A name below /dev leads to its device; any other is what it is, such as a data set of ZFS. */
function deviceOf(source: string): string | undefined {
  const path = sourcePath(source);
  if (!path.startsWith('/dev/')) return path;
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
