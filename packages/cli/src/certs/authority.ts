import { join } from 'node:path';
import { fail, ok, type Result } from '@hamn/core';
import { exists, inWorkshop, placeNew } from './files.ts';
import { type CertificateFailure, openssl } from './openssl.ts';

const authorityDays = 3650;
/** ECDSA P-256. Source: RFC 5480. */
export const keyOptions: readonly string[] = [
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
];

export interface AuthorityFiles {
  readonly certificate: string;
  readonly key: string;
}

export const authorityFiles = (directory: string): AuthorityFiles => ({
  certificate: join(directory, 'ca.crt'),
  key: join(directory, 'ca.key'),
});

/**
 * Makes the cluster's own authority, valid for ten years. An existing one is never overwritten: every certificate of the cluster hangs on it.
 * Errors: `exists`, `openssl`, `files`.
 */
export async function makeAuthority(directory: string): Promise<Result<AuthorityFiles, CertificateFailure>> {
  const files = authorityFiles(directory);
  for (const path of [files.key, files.certificate]) {
    if (await exists(path)) {
      return fail(
        'exists',
        `There is an authority in ${directory} already (${path}); it is not overwritten. Use it, or choose another directory.`,
      );
    }
  }
  return inWorkshop(directory, async (workshop) => {
    const made = await openssl(workshop, [
      ...['req', '-x509', '-new', '-sha256', ...keyOptions, '-days', String(authorityDays)],
      ...['-subj', '/CN=hamn cluster CA', '-keyout', 'ca.key', '-out', 'ca.crt'],
      ...['-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0'],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    ]);
    if (!made.ok) return made;
    await placeNew(join(workshop, 'ca.key'), files.key);
    await placeNew(join(workshop, 'ca.crt'), files.certificate);
    return ok(files);
  });
}
