import { readFileSync } from 'node:fs';
import type { NodeFile } from '@hamn/config';
import { fail, ok, type Result } from '@hamn/core';
import type { TlsFiles } from '../http/servers.ts';

/** The PEM texts that the node file names. Errors: `no-certificate`, with the file and the remedy. */
export function readTls(file: NodeFile): Result<TlsFiles, 'no-certificate'> {
  const texts: Record<string, string> = {};
  for (const [name, path] of Object.entries(file.tls)) {
    try {
      texts[name] = readFileSync(path, 'utf8');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return fail(
        'no-certificate',
        `tls.${name}: ${path} cannot be read (${why}). Make certificates with hamnctl certs.`,
      );
    }
  }
  return ok({ ca: texts['ca'] ?? '', cert: texts['cert'] ?? '', key: texts['key'] ?? '' });
}
