import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsTexts } from '../peer-agent.ts';

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Certificates of these names end before they begin. */
export const expired = 'expired';

/** A CA of its own, and one certificate a name, for 127.0.0.1. */
export function makeTestCertificates(names: readonly string[]): ReadonlyMap<string, TlsTexts> {
  const directory = mkdtempSync(join(tmpdir(), 'hamn-peer-'));
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: directory, stdio: 'pipe', timeout: 10_000 });
  };
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  try {
    openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=ca');
    writeFileSync(
      join(directory, 'ext'),
      'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n',
    );
    return new Map(
      names.map((name) => {
        openssl('req', ...curve, '-keyout', 'key', '-out', 'csr', '-subj', `/CN=${name}`);
        const signing = [
          '-CA',
          'ca.crt',
          '-CAkey',
          'ca.key',
          '-CAcreateserial',
          '-days',
          name === expired ? '-1' : '2',
          '-extfile',
          'ext',
        ];
        openssl('x509', '-req', '-in', 'csr', ...signing, '-out', 'crt');
        return [name, { ca: read('ca.crt'), cert: read('crt'), key: read('key') }];
      }),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
