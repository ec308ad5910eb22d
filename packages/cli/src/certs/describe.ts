import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fail, ok, type Result } from '@hamn/core';
import type { CertificateFailure } from './openssl.ts';

export interface CertificateDescription {
  /** The common name. */
  readonly name: string;
  readonly issuer: string;
  /** DNS names and addresses that it stands for. */
  readonly names: readonly string[];
  readonly isAuthority: boolean;
  /** Wall-clock milliseconds. */
  readonly notBeforeWallMs: number;
  readonly notAfterWallMs: number;
  /** SHA-256, as openssl prints it. */
  readonly fingerprint: string;
}

/** Reads what a certificate says. Errors: `missing`, and `files` where the file holds no certificate. */
export async function describeCertificate(
  file: string,
): Promise<Result<CertificateDescription, CertificateFailure>> {
  let pem: Buffer;
  try {
    pem = await readFile(file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return fail('missing', `The certificate ${file} cannot be read: ${message}.`);
  }
  try {
    return ok(describe(new X509Certificate(pem)));
  } catch {
    return fail('files', `${file} holds no certificate in PEM form; make it again with hamnctl certs.`);
  }
}

const describe = (certificate: X509Certificate): CertificateDescription => ({
  name: commonName(certificate.subject),
  issuer: commonName(certificate.issuer),
  names: (certificate.subjectAltName ?? '').split(', ').flatMap(nameOf),
  isAuthority: certificate.ca,
  notBeforeWallMs: Date.parse(certificate.validFrom),
  notAfterWallMs: Date.parse(certificate.validTo),
  fingerprint: certificate.fingerprint256,
});

const commonName = (subject: string): string => /^CN=(.*)$/m.exec(subject)?.[1] ?? '';

function nameOf(part: string): readonly string[] {
  const name = /^(?:DNS|IP Address):(.*)$/.exec(part)?.[1];
  return name === undefined ? [] : [name];
}
