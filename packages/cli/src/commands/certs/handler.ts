import { join, resolve } from 'node:path';
import type { Result } from '@hamn/core';
import type { App } from '../../app.ts';
import {
  type CertificateFailure,
  describeCertificate,
  makeAuthority,
  makeNodeCertificate,
} from '../../certs/index.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { formatTime } from '../../text/quantities.ts';

export interface CaOptions {
  readonly dir: string;
}

export async function makeCa({ dir }: CaOptions, app: App): Promise<ExitCode> {
  const made = await makeAuthority(resolve(dir));
  if (!made.ok) return complain(made, app);
  app.io.out(
    `The cluster’s authority is in ${resolve(dir)}. Keep a copy of ${made.value.key} in a safe place; it never goes to another node.\n` +
      'Next, for each node: hamnctl certs node NAME --address ADDRESS --out DIRECTORY\n',
  );
  return exitCodes.ok;
}

export interface NodeOptions {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly dir: string;
  readonly out: string;
}

export async function makeNode({ name, addresses, dir, out }: NodeOptions, app: App): Promise<ExitCode> {
  const directory = resolve(out);
  const other = await describeCertificate(join(directory, 'node.crt'));
  // Renewing is replacing, but only of the same node's: the default directory holds this machine's own certificate.
  if (other.ok && other.value.name !== name) {
    app.io.err(
      `${directory} holds the certificate of ${other.value.name}. Choose another directory for ${name} with --out. Nothing was changed.\n`,
    );
    return exitCodes.refused;
  }
  const made = await makeNodeCertificate(resolve(dir), { name, addresses }, directory);
  if (!made.ok) return complain(made, app);
  const { ca, cert, key } = made.value;
  const described = await describeCertificate(cert);
  const end = described.ok ? ` It is valid until ${formatTime(described.value.notAfterWallMs)}.` : '';
  app.io.out(
    `The certificate of ${name} is in ${directory}.${end}\n` +
      `On ${name} the files belong into /etc/hamn/tls, readable by root only: ${[ca, cert, key].join(' ')}\n`,
  );
  return exitCodes.ok;
}

function complain(failed: Result<never, CertificateFailure> & { readonly ok: false }, app: App): ExitCode {
  app.io.err(`${failed.error.message}\n`);
  switch (failed.error.code) {
    case 'exists':
      return exitCodes.refused;
    case 'bad-name':
    case 'missing':
      return exitCodes.usage;
    default:
      return exitCodes.failed;
  }
}
