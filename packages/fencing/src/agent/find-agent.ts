import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '@hamn/core';

/** Where distributions put agents. Nothing else is looked at: the settings name a program that root runs. */
export const agentDirectories: readonly string[] = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const agentForm = /^fence_[a-z0-9_]+$/;

export interface FoundAgent {
  readonly path: string;
  /** Another text after each change of the program, such as an upgrade. */
  readonly version: string;
}

/** The program of an agent. Errors: `no-agent`. */
export async function findAgent(
  name: string,
  directories: readonly string[],
): Promise<Result<FoundAgent, 'no-agent'>> {
  if (!agentForm.test(name))
    return fail(
      'no-agent',
      `'${name}' cannot be a fence agent: such a name is fence_ and small letters, digits or underscores.`,
    );
  for (const directory of directories) {
    const path = join(directory, name);
    try {
      await access(path, constants.X_OK);
      const { mtimeMs, size, ino } = await stat(path);
      return ok({ path, version: `${ino}.${size}.${mtimeMs}` });
    } catch {
      // It is not in this one.
    }
  }
  return fail(
    'no-agent',
    `The agent ${name} is not installed on this node. Install it (Debian: the package fence-agents), or correct \`agent\`.`,
  );
}
