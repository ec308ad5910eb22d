import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Found } from '../machine/restore.ts';

/** The file is there whole or not at all. /run is memory, so nothing is synced. Throws when there is no room. */
export function replaceFile(path: string, text: string): void {
  const fresh = `${path}.new`;
  writeFileSync(fresh, text, { mode: 0o600 });
  renameSync(fresh, path);
}

export function readJson<T>(path: string, shape: (value: unknown) => T | undefined): Found<T> {
  try {
    const value = shape(JSON.parse(readFileSync(path, 'utf8')));
    return value === undefined
      ? { kind: 'unreadable', reason: `${path} does not hold what the guard writes` }
      : { kind: 'read', value };
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return absent ? { kind: 'absent' } : { kind: 'unreadable', reason: `${path}: ${String(error)}` };
  }
}
