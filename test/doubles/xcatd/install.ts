import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machines } from '../../cluster/machines.ts';
import { paths } from './paths.ts';

const bundle = join(import.meta.dirname, '..', '..', '..', 'dist', 'xcatd-double.mjs');
const unit = (node: string): string => `[Unit]
Description=xcatd double
After=network.target

[Service]
Type=forking
PIDFile=${paths.pidFile}
ExecStart=${node} --max-old-space-size=64 ${paths.program} start
Restart=on-failure
KillMode=mixed
TimeoutStartSec=180
TimeoutStopSec=30

[Install]
WantedBy=multi-user.target
`;

export interface DoubleOptions {
  /** The group's virtual address. */
  readonly vip: string;
  readonly database?: string;
  readonly user?: string;
  readonly password: string;
  /** The Node on the lab's node: of hamn's package, unless said otherwise. */
  readonly node?: string;
}

export interface XcatCredentials {
  readonly authority: string;
  readonly server: string;
  readonly client: string;
}

/** One authority and two credentials, the same on every node of a cluster, as xCAT's HA documents ask for. Needs openssl. */
export function makeXcatCredentials(): XcatCredentials {
  const directory = mkdtempSync(join(tmpdir(), 'xcatd-double-'));
  const openssl = (...argv: string[]): void => {
    execFileSync('openssl', argv, { cwd: directory, stdio: 'pipe', timeout: 20_000 });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const read = (...files: string[]): string =>
    files.map((file) => readFileSync(join(directory, file), 'utf8')).join('');
  try {
    openssl(
      'req',
      '-x509',
      ...key,
      '-days',
      '3650',
      '-subj',
      '/CN=xCAT CA',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    for (const name of ['server', 'client']) {
      openssl(
        'req',
        ...key,
        '-subj',
        `/CN=${name === 'server' ? 'xcatd' : 'root'}`,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
      );
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '3650',
        '-out',
        `${name}.pem`,
      );
    }
    return {
      authority: read('ca.pem'),
      server: read('server.key', 'server.pem'),
      client: read('client.key', 'client.pem'),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const wrapper = (node: string, command: string): string =>
  `#!/bin/sh\nexec ${node} ${paths.program} ${command} "$@"\n`;

/**
 * Puts the double on a node of the lab: program, unit, cfgloc, credentials, and the commands lsxcatd, lsdef, mkdef, rmdef, gettab, chdef. Needs hamn's
 * package there (for its Node) and `npm run build` here. The unit is enabled at boot, as xCAT's installation leaves it.
 */
export async function installXcatdDouble(
  lab: Machines,
  name: string,
  credentials: XcatCredentials,
  options: DoubleOptions,
): Promise<void> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing. Run npm run build first.`);
  const { vip, database = 'xcatdb', user = 'xcatadm', password, node = '/usr/lib/hamn/node' } = options;
  await lab.mustExec(name, [
    'mkdir',
    '-p',
    '/opt/xcat/lib',
    '/opt/xcat/bin',
    '/etc/xcat/cert',
    '/root/.xcat',
  ]);
  await lab.copyIn(name, bundle, paths.program);
  await lab.writeFile(name, paths.cfgloc, `Pg:dbname=${database};host=${vip}|${user}|${password}\n`, 0o600);
  await lab.writeFile(name, paths.authority, credentials.authority, 0o644);
  await lab.writeFile(name, paths.serverCredential, credentials.server, 0o600);
  await lab.writeFile(name, paths.clientAuthority, credentials.authority, 0o644);
  await lab.writeFile(name, paths.clientCredential, credentials.client, 0o600);
  for (const command of ['lsxcatd', 'lsdef', 'mkdef', 'rmdef', 'gettab', 'chdef']) {
    await lab.writeFile(name, `/opt/xcat/bin/${command}`, wrapper(node, command), 0o755);
  }
  await lab.writeFile(name, '/etc/systemd/system/xcatd.service', unit(node), 0o644);
  await lab.mustExec(name, ['systemctl', 'daemon-reload']);
  await lab.mustExec(name, ['systemctl', 'enable', 'xcatd.service']);
}
