import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsTexts } from '../line.ts';

const openssl = (directory: string, ...args: readonly string[]): void => {
  execFileSync('openssl', args, { cwd: directory, stdio: 'pipe', timeout: 10_000 });
};

/** A CA and one certificate for all loopback addresses, as server and as client. */
export function makeTestCertificates(directory: string): TlsTexts {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    directory,
    'req',
    '-x509',
    ...curve,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    '2',
    '-subj',
    '/CN=test',
  );
  openssl(directory, 'req', ...curve, '-keyout', 'node.key', '-out', 'node.csr', '-subj', '/CN=mn1');
  const addresses = [1, 2, 3].map((n) => `IP:127.0.0.${n}`).join(',');
  writeFileSync(
    join(directory, 'node.ext'),
    `subjectAltName=DNS:mn1,DNS:localhost,${addresses}\nextendedKeyUsage=serverAuth,clientAuth\n`,
  );
  const signing = [
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'node.ext',
  ];
  openssl(directory, 'x509', '-req', '-in', 'node.csr', ...signing, '-out', 'node.crt');
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  return { ca: read('ca.crt'), cert: read('node.crt'), key: read('node.key') };
}

/** The same, from a CA that nobody else knows. */
export function makeForeignCertificates(): TlsTexts {
  const directory = mkdtempSync(join(tmpdir(), 'hamn-foreign-'));
  try {
    return makeTestCertificates(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
