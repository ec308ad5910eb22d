import { access, chmod, link, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, type Result } from '@hamn/core';
import type { CertificateFailure } from './openssl.ts';

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Makes the directory where it is missing, for root only. An existing one keeps its mode: it may be an admin's /tmp. */
export async function privateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/**
 * Does `work` in a directory beside `target` that is removed afterwards, so that nothing half made ever lies in `target`. What the file system
 * refuses becomes a failure.
 */
export async function inWorkshop<T>(
  target: string,
  work: (workshop: string) => Promise<Result<T, CertificateFailure>>,
): Promise<Result<T, CertificateFailure>> {
  let workshop: string | undefined;
  try {
    await privateDirectory(target);
    workshop = await mkdtemp(join(target, '.making-'));
    return await work(workshop);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return fail('files', `The certificates in ${target} cannot be made: ${message}.`);
  } finally {
    if (workshop !== undefined) await rm(workshop, { recursive: true, force: true });
  }
}

/** Puts a finished file in place, replacing what is there. */
export async function replaceWith(from: string, to: string): Promise<void> {
  await chmod(from, 0o600);
  await rename(from, to);
}

/** Puts a finished file in place; throws EEXIST, and changes nothing, where there is one. */
export async function placeNew(from: string, to: string): Promise<void> {
  await chmod(from, 0o600);
  await link(from, to);
}
