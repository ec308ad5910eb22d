import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** See deploy/files/sync-gate: what this node's own copy is worth. */
export type Standing = 'origin' | 'receiving' | 'complete';

/** A file that is there and cannot be read counts as a copy that is not complete. */
export function readStanding(file: string): Standing | undefined {
  try {
    const word = readFileSync(file, 'utf8').trim();
    return word === 'origin' || word === 'complete' ? word : 'receiving';
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isAbsent ? undefined : 'receiving';
  }
}

export function writeStanding(file: string, standing: Standing): void {
  writeFileSync(`${file}.new`, `${standing}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
