import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Account } from '../process/account.ts';

export interface WriteOptions {
  /** Undefined leaves it root's. */
  readonly owner: Account | undefined;
  readonly mode: number;
  /** Otherwise the file stays root's where the directory is not the owner's own. */
  readonly inAnyDirectory?: boolean;
}

/**
 * Replaces a file so that a reader, or a power cut, sees the old text or the new one whole. Throws what the system says. PostgreSQL's user owns the directories
 * that root writes to here, and could exchange any name in them at any moment: the directory is opened once, no link is followed in it, and a file is
 * given away only where the user could have made it.
 */
export async function writeAtomically(path: string, text: string, options: WriteOptions): Promise<void> {
  const directory = await openDirectory(dirname(path));
  try {
    const name = basename(path);
    const beside = inside(directory, `${name}.hamn-new`);
    try {
      await rm(beside, { force: true });
      const file = await open(beside, 'wx', 0o600);
      try {
        await file.writeFile(text);
        await giveAway(file, directory, options);
        await file.chmod(options.mode);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, inside(directory, name));
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw error;
    }
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Makes a directory for `owner` alone. Throws what the system says, and where somebody exchanged it meanwhile. */
export async function makeDirectoryFor(owner: Account, path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  const made = await openDirectory(path, constants.O_NOFOLLOW);
  try {
    await made.chown(owner.uid, owner.gid);
    await made.chmod(0o700);
  } finally {
    await made.close();
  }
}

const openDirectory = (path: string, flags = 0): Promise<FileHandle> =>
  open(path, constants.O_RDONLY | constants.O_DIRECTORY | flags);

/** A name in a directory that is held open, whatever its path leads to meanwhile (proc_pid_fd(5)). */
const inside = (directory: FileHandle, name: string): string => join(`/proc/self/fd/${directory.fd}`, name);

async function giveAway(file: FileHandle, directory: FileHandle, options: WriteOptions): Promise<void> {
  const { owner, inAnyDirectory = false } = options;
  if (owner === undefined) return;
  if (inAnyDirectory || (await directory.stat()).uid === owner.uid) await file.chown(owner.uid, owner.gid);
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
