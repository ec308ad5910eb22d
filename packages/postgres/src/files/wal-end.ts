import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lsn, lsn } from '@hamn/core';

/** Where the WAL on disk ends, by its files alone: no server has to run. */

const pageBytes = 8192;
const headerBytes = 16;

/** Where a WAL file begins; undefined for another file. PostgreSQL documentation, "WAL Internals". */
export function startOfWalFile(name: string, segmentBytes: number): Lsn | undefined {
  if (!/^[0-9A-F]{24}$/.test(name)) return undefined;
  const high = BigInt(`0x${name.slice(8, 16)}`);
  const low = BigInt(`0x${name.slice(16, 24)}`);
  return lsn((high << 32n) + low * BigInt(segmentBytes));
}

/**
 * The end of WAL from `from` on, to a page. A page of a segment that is reused under a new name carries its old address (xlp_pageaddr,
 * access/xlog_internal.h), and one that was never written carries none, so the pages tell what their file's name does not.
 */
export async function endOfWal(dataDirectory: string, from: Lsn, segmentBytes: number): Promise<Lsn> {
  const directory = join(dataDirectory, 'pg_wal');
  const names = await readdir(directory).catch(() => []);
  const byStart = new Map<bigint, string[]>();
  for (const name of names) {
    const start = startOfWalFile(name, segmentBytes);
    if (start !== undefined) byStart.set(start, [...(byStart.get(start) ?? []), name].sort().reverse());
  }
  const size = BigInt(segmentBytes);
  let end = from;
  for (let start = from - (from % size); ; start += size) {
    const found = await pagesOf(directory, byStart.get(start) ?? [], start, segmentBytes);
    if (found === 0) return end;
    const reached = start + BigInt(found * pageBytes);
    if (reached > end) end = lsn(reached);
    if (found * pageBytes < segmentBytes) return end;
  }
}

/** How many pages at the beginning of the segment are its own; of the newest timeline that has some. */
async function pagesOf(
  directory: string,
  names: readonly string[],
  start: bigint,
  segmentBytes: number,
): Promise<number> {
  for (const name of names) {
    const file = await open(join(directory, name), 'r').catch(() => undefined);
    if (file === undefined) continue;
    try {
      const pages = await lastPage(file, start, segmentBytes / pageBytes);
      if (pages > 0) return pages;
    } finally {
      await file.close();
    }
  }
  return 0;
}

async function lastPage(file: FileHandle, start: bigint, pages: number): Promise<number> {
  let [low, high] = [0, pages];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isOwnPage(file, start, middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function isOwnPage(file: FileHandle, start: bigint, page: number): Promise<boolean> {
  const header = Buffer.alloc(headerBytes);
  const { bytesRead } = await file.read(header, 0, headerBytes, page * pageBytes);
  return bytesRead === headerBytes && header.readBigUInt64LE(8) === start + BigInt(page * pageBytes);
}
