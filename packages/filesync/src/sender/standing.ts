import { readFileSync } from 'node:fs';
import { replaceFileDurably } from '../receiver/permit.ts';

/** See deploy/files/sync-gate: what this node's own copy is worth. */
export type Standing = 'origin' | 'receiving' | 'complete';

/**
 * What it is worth for the lines with these marks. A copy that is complete for other lines than those is not complete here, and neither is one whose file
 * is there and cannot be read.
 */
export function readStanding(file: string, marks: readonly string[]): Standing | undefined {
  try {
    const [word = '', of = ''] = readFileSync(file, 'utf8').split('\n');
    if (word === 'origin') return word;
    if (word !== 'complete') return 'receiving';
    // An earlier version wrote no marks: it counts for the list that is found with it.
    const complete = new Set(of.split(' '));
    return of === '' || marks.every((mark) => complete.has(mark)) ? 'complete' : 'receiving';
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isAbsent ? undefined : 'receiving';
  }
}

export function writeStanding(file: string, standing: Standing, marks: readonly string[]): void {
  const text = standing === 'complete' ? `complete\n${marks.join(' ')}\n` : `${standing}\n`;
  if (read(file) !== text) replaceFileDurably(file, text);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
