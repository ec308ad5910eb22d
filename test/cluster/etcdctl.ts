import type { Lab } from '../lab/index.ts';
import { machineOf } from '../lab/index.ts';
import { certificatesDirectory } from './options.ts';

/** Asks the etcd member of one node; its standard output. @throws LabError when etcdctl fails */
export function etcdctl(lab: Lab, node: string, ...args: readonly string[]): Promise<string> {
  return etcdctlAt(lab, node, [node], ...args);
}

/** As an admin asks several members from one node. */
export function etcdctlAt(
  lab: Lab,
  node: string,
  members: readonly string[],
  ...args: readonly string[]
): Promise<string> {
  const endpoints = members.map((member) => `https://${machineOf(member).ipv4}:2379`).join(',');
  const tls = certificatesDirectory;
  const how = [
    `--endpoints=${endpoints}`,
    `--cacert=${tls}/ca.crt`,
    `--cert=${tls}/node.crt`,
    `--key=${tls}/node.key`,
  ];
  return lab.mustExec(node, ['env', 'ETCDCTL_API=3', 'etcdctl', ...how, ...args], { timeoutMs: 15_000 });
}
