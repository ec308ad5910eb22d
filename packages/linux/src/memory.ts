import { readFileSync } from 'node:fs';
import { done, fail, type Result } from '@hamn/core';
import { errnoName } from './native/errno.ts';
import { lastErrno, lockRange } from './native/libc.ts';

/** mlock2(2): a page is locked when it is first used, not read now. */
const MLOCK_ONFAULT = 1;

interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
}

/** The mappings of files that this process never writes to: its program and the libraries. Source: proc_pid_maps(5). */
export function programMappings(maps: string): readonly Mapping[] {
  return maps.split('\n').flatMap((line) => {
    const match = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p .* (?:\/.*)$/.exec(line);
    if (match === null || line.endsWith(' (deleted)')) return [];
    return [{ start: BigInt(`0x${match[1]}`), end: BigInt(`0x${match[2]}`) }];
  });
}

/**
 * Keeps every page of the program that was used once in memory, so that neither a disk that hangs nor a lack of memory makes this process wait
 * for its own code. The heap is left out: V8 gives pages back and dies when that is refused; without swap the heap stays anyway. Refused where
 * too little may be locked: `denied`.
 */
export function lockProgram(): Result<undefined, 'denied'> {
  for (const { start, end } of programMappings(readFileSync('/proc/self/maps', 'latin1'))) {
    if (lockRange(start, end - start, MLOCK_ONFAULT) !== 0)
      return fail('denied', `Locking the program in memory was refused: ${errnoName(lastErrno())}.`);
  }
  return done;
}
