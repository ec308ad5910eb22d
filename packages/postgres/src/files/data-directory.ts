import { access, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Account } from '../process/account.ts';
import { syncDirectory, writeAtomically } from './write.ts';

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Whether a PostgreSQL data directory is there at all. */
export const hasData = (dataDirectory: string): Promise<boolean> => exists(join(dataDirectory, 'PG_VERSION'));

const standbySignal = (dataDirectory: string): string => join(dataDirectory, 'standby.signal');

export const hasStandbySignal = (dataDirectory: string): Promise<boolean> =>
  exists(standbySignal(dataDirectory));

/** An admin's point-in-time recovery; hamn never makes or removes this file. */
export const hasRecoverySignal = (dataDirectory: string): Promise<boolean> =>
  exists(join(dataDirectory, 'recovery.signal'));

/** From now on a start of this directory is a start as a standby, whoever starts it. Throws what the system says. */
export async function putStandbySignal(dataDirectory: string, owner: Account): Promise<void> {
  if (await hasStandbySignal(dataDirectory)) return;
  await writeAtomically(standbySignal(dataDirectory), '', { owner, mode: 0o600 });
}

export async function removeStandbySignal(dataDirectory: string): Promise<void> {
  if (!(await hasStandbySignal(dataDirectory))) return;
  await rm(standbySignal(dataDirectory), { force: true });
  await syncDirectory(dataDirectory);
}

/** A mount point cannot be renamed. */
export async function isMountPoint(directory: string): Promise<boolean> {
  const [own, parent] = await Promise.all([stat(directory), stat(dirname(directory))]);
  return own.dev !== parent.dev;
}
