import {
  appendFileSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';

const fileLimitBytes = 8 * 1024 * 1024;
/** What is read back at a start: it comes before the first renewal, so it must be short. */
const tailBytes = 256 * 1024;

/** The lines at the end of a file, oldest first. The first may be half a line, and so may the last, after a crash. Empty when it cannot be read. */
export function lastLines(file: string): readonly string[] {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const { size } = fstatSync(descriptor);
      const buffer = Buffer.alloc(Math.min(size, tailBytes));
      const count = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8', 0, count).split('\n');
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return [];
  }
}

/** Appends whole lines; a file that has grown past its limit is put aside first, replacing the one put aside before. Throws what the disk says. */
export function appendLines(file: string, lines: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > fileLimitBytes)
    renameSync(file, asideOf(file));
  appendFileSync(file, lines, { mode: 0o600 });
}

export const asideOf = (file: string): string => `${file}.1`;
