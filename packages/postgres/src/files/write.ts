import { chmod, chown, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Account } from '../process/account.ts';

/**
 * Replaces a file so that a reader, or a power cut, sees the old text or the new one whole. Throws what the system says.
 * `owner` undefined leaves it root's.
 */
export async function writeAtomically(
  path: string,
  text: string,
  options: { readonly owner: Account | undefined; readonly mode: number },
): Promise<void> {
  const beside = `${path}.hamn-new`;
  try {
    const file = await open(beside, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (options.owner !== undefined) await chown(beside, options.owner.uid, options.owner.gid);
    await chmod(beside, options.mode);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes a created, renamed or removed name survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
