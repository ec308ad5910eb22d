import { copyFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { fail, ok, type Result } from '@hamn/core';
import { authorityFiles, keyOptions } from './authority.ts';
import { exists, inWorkshop, replaceWith } from './files.ts';
import { type CertificateFailure, openssl } from './openssl.ts';

const nodeDays = 730;

export interface NodeNames {
  /** The node's name in the configuration: the certificate's common name, by which other nodes know it. */
  readonly name: string;
  /** IPv4 or IPv6 addresses, or further DNS names. */
  readonly addresses: readonly string[];
}

export interface NodeFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export const nodeFiles = (directory: string): NodeFiles => ({
  ca: join(directory, 'ca.crt'),
  cert: join(directory, 'node.crt'),
  key: join(directory, 'node.key'),
});

/**
 * Makes one node's key and certificate (as server and as client, for two years) and puts them with the CA's certificate into `outDirectory`, where files of
 * an earlier certificate are replaced: that is how it is renewed. Errors: `bad-name`, `missing` (no authority), `openssl`, `files`.
 */
export async function makeNodeCertificate(
  directory: string,
  node: NodeNames,
  outDirectory: string,
): Promise<Result<NodeFiles, CertificateFailure>> {
  const wrong = [node.name, ...node.addresses].find((one) => isIP(one) === 0 && !isDnsName(one));
  if (wrong !== undefined || isIP(node.name) !== 0) {
    return fail(
      'bad-name',
      `'${wrong ?? node.name}' cannot stand in a certificate; a node has a name such as mn1 and addresses such as 10.1.0.221.`,
    );
  }
  const authority = authorityFiles(resolve(directory));
  for (const path of [authority.key, authority.certificate]) {
    if (!(await exists(path)))
      return fail(
        'missing',
        `There is no ${path}; make the authority first: hamnctl certs ca --dir ${directory}`,
      );
  }
  return inWorkshop(outDirectory, async (workshop) => {
    await writeFile(join(workshop, 'extensions'), extensions(node), { mode: 0o600 });
    const asked = await openssl(workshop, [
      ...['req', '-new', '-sha256', ...keyOptions, '-subj', `/CN=${node.name}`],
      ...['-keyout', 'node.key', '-out', 'node.csr'],
    ]);
    if (!asked.ok) return asked;
    const signed = await openssl(workshop, [
      ...['x509', '-req', '-sha256', '-in', 'node.csr', '-days', String(nodeDays), '-out', 'node.crt'],
      ...['-CA', authority.certificate, '-CAkey', authority.key, '-extfile', 'extensions'],
      // A random serial number needs no file that two runs could fight over.
      ...['-set_serial', `0x${randomSerial()}`],
    ]);
    if (!signed.ok) return signed;
    return ok(await place(workshop, authority.certificate, outDirectory));
  });
}

async function place(workshop: string, authority: string, outDirectory: string): Promise<NodeFiles> {
  const files = nodeFiles(outDirectory);
  await copyFile(authority, join(workshop, 'ca.crt'));
  await replaceWith(join(workshop, 'ca.crt'), files.ca);
  await replaceWith(join(workshop, 'node.key'), files.key);
  await replaceWith(join(workshop, 'node.crt'), files.cert);
  return files;
}

/** Source: openssl-x509v3_config(5); RFC 5280, section 4.2.1. */
function extensions(node: NodeNames): string {
  const names = [...new Set([node.name, ...node.addresses, 'localhost', '127.0.0.1', '::1'])];
  return [
    `subjectAltName=${names.map((one) => (isIP(one) === 0 ? `DNS:${one}` : `IP:${one}`)).join(',')}`,
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=serverAuth,clientAuth',
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid',
    '',
  ].join('\n');
}

/** Positive and 64 bits long. */
const randomSerial = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `7${Buffer.from(bytes).toString('hex').slice(1)}`;
};

const isDnsName = (text: string): boolean =>
  text.length <= 64 &&
  /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(text);
