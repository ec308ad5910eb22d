import { closeSync, fstatSync, openSync, readSync, truncateSync } from 'node:fs';

/** Of a program's output this much is kept and shown. */
export const keptBytes: number = 64 * 1024;
/** A daemon that was started writes on for as long as it runs; /run is memory. */
const mostBytes = 16 * 1024 * 1024;
const blockBytes = 512;

export interface Tail {
  readonly text: string;
  /** The beginning is missing. */
  readonly cut: boolean;
}

export const nothingSaid: Tail = { text: '', cut: false };

/** The end of a file on a file system in memory; nothing where there is none. */
export function tailOf(path: string, most: number = keptBytes): Tail {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return nothingSaid;
  }
  try {
    const { size } = fstatSync(file);
    const from = Math.max(0, size - most);
    const buffer = Buffer.alloc(size - from);
    const read = readSync(file, buffer, 0, buffer.length, from);
    return { text: buffer.subarray(0, read).toString('utf8'), cut: from > 0 };
  } finally {
    closeSync(file);
  }
}

/** Empties a file that has become too long. Who writes it goes on at its place; the hole before that takes no memory. */
export function keepShort(path: string, most: number = mostBytes): void {
  try {
    const file = openSync(path, 'r');
    const used = fstatSync(file).blocks * blockBytes;
    closeSync(file);
    if (used > most) truncateSync(path);
  } catch {
    // It is not there.
  }
}
