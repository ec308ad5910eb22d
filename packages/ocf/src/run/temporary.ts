import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { done, fail, type Result } from '@hamn/core';

/** Makes HA_RSCTMP where tmpfiles.d did not, with its mode: sticky, for services of other users write there by name. */
export async function makeTemporary(path: string): Promise<Result<undefined, 'not-started'>> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await mkdir(path);
    // mkdir(2) takes the umask off.
    await chmod(path, 0o1755);
    return done;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return done;
    const why = error instanceof Error ? error.message : String(error);
    return fail(
      'not-started',
      `The directory ${path}, where agents keep their state, cannot be made: ${why}.`,
    );
  }
}
