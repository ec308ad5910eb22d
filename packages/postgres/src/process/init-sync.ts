import { readFile } from 'node:fs/promises';
import { release } from 'node:os';

/**
 * How a start after a crash brings its files to disk (PostgreSQL documentation, recovery_init_sync_method). File by file it took 1.3 s for the 1,300
 * files of an xCAT database where etcd syncs on the same disk, and 10 ms by one syncfs(2); but that writes whatever anybody has written to the file
 * system, an image that is being copied into /install included.
 */

/** More than a disk writes in about a second. */
const mostDirtyBytes = 128 * 1024 * 1024;

/** syncfs(2) tells errors of writing since Linux 5.8; PostgreSQL has the setting since 14. */
const needed = { kernel: [5, 8], postgres: [14, 0] } as const;

const isAtLeast = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [a = 0, b = 0] = version.split(/[^0-9]+/).map(Number);
  return a > major || (a === major && b >= minor);
};

/** `postgres`: the server's version; `kernel`: as uname(2) tells it; `meminfo`: the text of /proc/meminfo. */
export function syncsAtOnce(postgres: string | undefined, kernel: string, meminfo: string): boolean {
  if (postgres === undefined) return false;
  if (!isAtLeast(postgres, needed.postgres) || !isAtLeast(kernel, needed.kernel)) return false;
  const kilobytes = ['Dirty', 'Writeback'].map((name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1]),
  );
  return kilobytes.reduce((sum, one) => sum + one, 0) * 1024 <= mostDirtyBytes;
}

/** Whether one syncfs is the faster way on this machine at this moment. */
export async function syncsAtOnceNow(postgres: string | undefined): Promise<boolean> {
  const meminfo = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  return syncsAtOnce(postgres, release(), meminfo);
}
