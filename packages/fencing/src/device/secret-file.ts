import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fail, ok, type Result } from '@hamn/core';

const mostBytes = 4096;

/**
 * The secret that a file holds, without the end of its line. Errors: `bad-secret`, when it is not there, or when others than root may read it
 * (or could have written it).
 */
export async function readSecret(path: string): Promise<Result<string, 'bad-secret'>> {
  try {
    // A pipe would be waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { mode, uid, size } = await file.stat();
      if ((mode & constants.S_IFMT) !== constants.S_IFREG)
        return fail('bad-secret', `${path} is not a plain file.`);
      if (uid !== 0 || (mode & 0o077) !== 0)
        return fail(
          'bad-secret',
          `${path} is a secret that others than root may read; run \`chown root ${path}\` and \`chmod 600 ${path}\`.`,
        );
      if (size > mostBytes)
        return fail('bad-secret', `${path} is longer than a secret (${size} bytes, at most ${mostBytes}).`);
      return oneLine(path, await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail('bad-secret', `The secret ${path} cannot be read on this node: ${why}.`);
  }
}

function oneLine(path: string, text: string): Result<string, 'bad-secret'> {
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') return fail('bad-secret', `${path} is empty; write the secret into it.`);
  // A second line would be another option for the agent.
  if (/\p{Cc}/u.test(secret))
    return fail('bad-secret', `${path} holds more than one line, or control characters; one line is meant.`);
  return ok(secret);
}
