import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { done, fail, type Result } from '@hamn/core';

/** Replaces a file so that after a power loss either the old or the new text is there. Errors: `files`. */
export function writeDurably(file: string, text: string): Result<undefined, 'files'> {
  const beside = `${file}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const descriptor = openSync(beside, 'w', 0o600);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(beside, file);
    const folder = openSync(dirname(file), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    return done;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(
      'files',
      `${file} could not be written: ${why}. Check the disk's space and that it is not read-only.`,
    );
  }
}

/** The text of a file, or undefined when there is none or it cannot be read. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
