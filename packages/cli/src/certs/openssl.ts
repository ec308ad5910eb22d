import { spawn } from 'node:child_process';
import { done, fail, type Result } from '@hamn/core';

export type CertificateFailure = 'exists' | 'missing' | 'bad-name' | 'openssl' | 'files';

const limitMs = 15_000;

/** Runs openssl in a directory. Errors: `openssl`, with its own last words. */
export function openssl(
  directory: string,
  args: readonly string[],
): Promise<Result<undefined, CertificateFailure>> {
  return new Promise((resolve) => {
    const child = spawn('openssl', args, {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.on('data', (piece: Buffer) => {
      said = (said + piece.toString('utf8')).slice(-2000);
    });
    child.on('error', (error) =>
      resolve(fail('openssl', `openssl cannot be run (${error.message}); install the package openssl.`)),
    );
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(done);
      const how = signal === null ? `with exit code ${code}` : `after ${limitMs / 1000} s or by ${signal}`;
      resolve(fail('openssl', `'openssl ${args[0] ?? ''}' in ${directory} ended ${how}: ${lastLine(said)}`));
    });
  });
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
