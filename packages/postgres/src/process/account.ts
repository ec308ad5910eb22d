import { readFile } from 'node:fs/promises';
import { fail, ok } from '@hamn/core';
import { type Outcome, reasonOf } from '../limit.ts';
import { runTool } from './run-tool.ts';

/** The operating system's user that PostgreSQL runs as. */
export interface Account {
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
}

/** Looks in /etc/passwd and, for users kept elsewhere, asks `getent`. */
export async function findAccount(user: string): Promise<Outcome<Account>> {
  try {
    const local = readEntry(await readFile('/etc/passwd', 'utf8'), user);
    if (local !== undefined) return ok(local);
  } catch (error) {
    return fail('files', `/etc/passwd cannot be read: ${reasonOf(error)}.`);
  }
  const asked = await runTool({ command: ['getent', 'passwd', user], timeoutMs: 2000 });
  const found = asked.ok ? readEntry(asked.value.stdout, user) : undefined;
  if (found !== undefined) return ok(found);
  return fail(
    'files',
    `This machine has no user '${user}'. Install PostgreSQL, or correct postgres.osUser in the cluster's configuration.`,
  );
}

function readEntry(passwd: string, user: string): Account | undefined {
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === user && uid !== undefined && gid !== undefined)
      return { user, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/**
 * The words that run a program as `account` with its own groups and without a shell. It dies with hamnd, so that no half-done
 * copy goes on behind the back of the next hamnd.
 */
export function asAccount(account: Account, command: readonly string[]): readonly string[] {
  if (process.getuid?.() === account.uid) return command;
  return [
    'setpriv',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--init-groups',
    '--pdeathsig=KILL',
    '--',
    ...command,
  ];
}
