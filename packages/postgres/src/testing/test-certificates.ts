import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownerOf } from './test-node.ts';

export interface TestCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority {
  /** A certificate as `hamnctl certs node` makes it: for the node's name and address, as server and as client. `forServer`: PostgreSQL's user reads the key. */
  certify(name: string, address: string, options?: { readonly forServer: boolean }): TestCertificate;
}

/** A CA of real certificates below `directory`. */
export function makeAuthority(directory: string, name: string): TestAuthority {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  const at = (file: string): string => join(directory, file);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', [...args], { stdio: 'pipe' });
  };
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    ...['req', '-x509', ...curve, '-days', '30', '-subj', `/CN=${name}`],
    ...['-keyout', at('ca.key'), '-out', at('ca.crt')],
  );
  return {
    certify: (node, address, { forServer } = { forServer: false }) => {
      const base = at(forServer ? `${node}-server` : node);
      const extensions = `${base}.ext`;
      writeFileSync(
        extensions,
        `subjectAltName=DNS:${node},IP:${address}\nextendedKeyUsage=serverAuth,clientAuth\n`,
      );
      openssl(
        ...['req', '-new', ...curve, '-subj', `/CN=${node}`],
        ...['-keyout', `${base}.key`, '-out', `${base}.csr`],
      );
      openssl(
        ...['x509', '-req', '-in', `${base}.csr`, '-days', '30', '-out', `${base}.crt`],
        ...['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', extensions],
      );
      chmodSync(`${base}.key`, 0o600);
      const { uid, gid } = ownerOf();
      if (forServer) chownSync(`${base}.key`, uid, gid);
      return { ca: at('ca.crt'), cert: `${base}.crt`, key: `${base}.key` };
    },
  };
}
