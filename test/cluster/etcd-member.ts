import { machineOf } from '../lab/index.ts';
import type { Machines } from './machines.ts';
import { type ClusterOptions, certificatesDirectory, nodesOf } from './options.ts';

/** Debian's etcd.service reads this file. TLS with client certificates from the beginning. */
export function etcdDefaults(options: ClusterOptions, name: string): string {
  const own = machineOf(name).ipv4;
  const members = nodesOf(options).map((node) => `${node}=https://${machineOf(node).ipv4}:2380`);
  const tls = certificatesDirectory;
  const settings: Readonly<Record<string, string>> = {
    NAME: name,
    DATA_DIR: '/var/lib/etcd/default',
    LISTEN_CLIENT_URLS: `https://${own}:2379`,
    ADVERTISE_CLIENT_URLS: `https://${own}:2379`,
    LISTEN_PEER_URLS: `https://${own}:2380`,
    INITIAL_ADVERTISE_PEER_URLS: `https://${own}:2380`,
    INITIAL_CLUSTER: members.join(','),
    INITIAL_CLUSTER_TOKEN: 'hamn-lab',
    INITIAL_CLUSTER_STATE: 'new',
    // Without it a member that comes back from a cut forces an election, and etcd is away for a second or two.
    PRE_VOTE: 'true',
    CLIENT_CERT_AUTH: 'true',
    TRUSTED_CA_FILE: `${tls}/ca.crt`,
    CERT_FILE: `${tls}/node.crt`,
    KEY_FILE: `${tls}/node.key`,
    PEER_CLIENT_CERT_AUTH: 'true',
    PEER_TRUSTED_CA_FILE: `${tls}/ca.crt`,
    PEER_CERT_FILE: `${tls}/node.crt`,
    PEER_KEY_FILE: `${tls}/node.key`,
    AUTO_COMPACTION_MODE: 'periodic',
    AUTO_COMPACTION_RETENTION: '1h',
    ...options.etcd,
  };
  return Object.entries(settings)
    .map(([key, value]) => `ETCD_${key}="${value}"\n`)
    .join('');
}

/** Starts every member; they wait for each other. */
export async function startEtcd(lab: Machines, options: ClusterOptions): Promise<void> {
  await Promise.all(
    nodesOf(options).map(async (name) => {
      await lab.writeFile(name, '/etc/default/etcd', etcdDefaults(options, name), 0o644);
      // The members share hamn's certificates; the key belongs to root, so etcd runs as root in the lab. The rest is the quickstart's.
      await lab.mustExec(name, ['mkdir', '-p', '/etc/systemd/system/etcd.service.d']);
      await lab.writeFile(
        name,
        '/etc/systemd/system/etcd.service.d/lab.conf',
        '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\nRestartSec=1\nUser=root\n',
        0o644,
      );
      await lab.mustExec(name, ['systemctl', 'daemon-reload'], { timeoutMs: 20_000 });
      await lab.mustExec(name, ['systemctl', 'enable', '--now', 'etcd.service'], { timeoutMs: 60_000 });
    }),
  );
}
