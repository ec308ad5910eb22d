import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@hamn/core';

/** The keys of one node for the transfer of files: made by hamnd, never copied by anybody. */
export interface OwnKeys {
  /** What others let in, and what they know this node by: `ssh-ed25519 AAAA...`. */
  readonly key: string;
  readonly hostKey: string;
}

const limitMs = 10_000;

export const keyFileIn = (directory: string): string => join(directory, 'key');
export const hostKeyFileIn = (directory: string): string => join(directory, 'host_key');

/** Makes what is missing. Errors: `unusable`. */
export async function ownKeys(directory: string): Promise<Result<OwnKeys, 'unusable'>> {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const file of [keyFileIn(directory), hostKeyFileIn(directory)]) {
      if (existsSync(file) && existsSync(`${file}.pub`)) continue;
      // The private half is put in place last: a half-made pair is made anew.
      for (const end of ['', '.pub']) rmSync(`${file}.new${end}`, { force: true });
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', `${file}.new`]);
      renameSync(`${file}.new.pub`, `${file}.pub`);
      renameSync(`${file}.new`, file);
    }
    return ok({ key: publicKey(keyFileIn(directory)), hostKey: publicKey(hostKeyFileIn(directory)) });
  } catch (error) {
    const why = error instanceof Error ? error.message.trim() : String(error);
    return fail('unusable', `The keys for the transfer of files could not be made in ${directory}: ${why}`);
  }
}

const publicKey = (file: string): string => {
  const [type = '', body = ''] = readFileSync(`${file}.pub`, 'utf8').trim().split(/\s+/);
  return `${type} ${body}`;
};

function run(program: string, argv: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, [...argv], { timeout: limitMs, killSignal: 'SIGKILL' }, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}
