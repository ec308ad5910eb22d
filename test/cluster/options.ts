import type { ProfileName, ReplicationMode } from '@hamn/core';
import { machineOf, VIP } from '../lab/index.ts';

/** What a cluster in the lab is made of. */
export interface ClusterOptions {
  readonly data: readonly string[];
  readonly witness: string | undefined;
  readonly profile: ProfileName;
  /** Single timings instead of the profile's, in milliseconds: termMs ... */
  readonly timings?: Readonly<Record<string, number>>;
  readonly mode: ReplicationMode;
  /** dhcpd and the xcatd double; `preset`: all of an xCAT management node. */
  readonly services: boolean | 'preset';
  /** Further settings of single nodes, as in the cluster's settings: `{ mn3: { priority: 0 } }`. */
  readonly nodes?: Readonly<Record<string, Settings>>;
  /** Further settings of the group's PostgreSQL. */
  readonly postgres?: Settings;
  /** Further settings of the etcd members, without their prefix: HEARTBEAT_INTERVAL ... */
  readonly etcd?: Readonly<Record<string, string>>;
}

type Settings = Readonly<Record<string, string | number | boolean>>;

export const defaultCluster: ClusterOptions = {
  data: ['mn1', 'mn2'],
  witness: 'wit1',
  profile: 'default',
  mode: 'synchronous',
  services: true,
};

export const nodesOf = (options: ClusterOptions): readonly string[] =>
  options.witness === undefined ? options.data : [...options.data, options.witness];

/** Where Debian puts the PostgreSQL of a major version. */
export const debianUnit = (major: number): string => `postgresql@${major}-main.service`;

export const clusterName = 'lab';
/** Without the prefix length. */
export const vip4: string = plain(VIP.ipv4);
export const vip6: string = plain(VIP.ipv6);

function plain(address: string): string {
  return address.split('/')[0] ?? address;
}

/** Passwords of a laboratory: known to everybody, good for nothing else. */
export const passwords = { hamn: 'lab-hamn', xcatadm: 'lab-xcatadm', probe: 'lab-probe' } as const;

export const certificatesDirectory = '/etc/hamn/tls';

/** /etc/hamn/hamn.yaml of one node: its own etcd member first. */
export function nodeFile(options: ClusterOptions, name: string): string {
  const others = nodesOf(options).filter((node) => node !== name);
  const endpoints = [name, ...others].map((node) => `    - https://${machineOf(node).ipv4}:2379`);
  return `cluster: ${clusterName}
node: ${name}
role: ${name === options.witness ? 'witness' : 'data'}
address: ${machineOf(name).ipv4}
etcd:
  endpoints:
${endpoints.join('\n')}
`;
}

/** The cluster's settings, as an admin would write them. */
export function clusterFile(options: ClusterOptions, major: number): string {
  const nodes = nodesOf(options).map((name) => {
    const role = name === options.witness ? { role: 'witness' } : {};
    const settings = { address: machineOf(name).ipv4, ...role, ...options.nodes?.[name] };
    return `  ${name}: {${lines(settings).join(', ')}}`;
  });
  const timings = lines(options.timings ?? {}).map((line) => `  ${line}\n`);
  const postgres = lines({ version: major, mode: options.mode, ...options.postgres });
  return `version: 1
profile: ${options.profile}
${timings.length === 0 ? '' : `timings:\n${timings.join('')}`}nodes:
${nodes.join('\n')}
groups:
  mn:
    failover: automatic
    vips:
      - {address: ${vip4}/24, interface: eth0}
      - {address: "${vip6}/64", interface: eth0}
    postgres:
${postgres.map((line) => `      ${line}`).join('\n')}
${servicesText(options)}`;
}

/** The machines have no chrony: they share the host's clock. */
function servicesText({ services }: ClusterOptions): string {
  if (services === 'preset') return '    preset: xcat\n    resources:\n      ntp: {remove: true}\n';
  if (!services) return '';
  return `    services:
      - {name: xcatd, onFailure: degrade, startTimeout: 60s}
      - {name: dhcpd, unit: isc-dhcp-server.service, after: [xcatd], onFailure: degrade}
`;
}

const lines = (settings: Settings): readonly string[] =>
  Object.entries(settings).map(([name, value]) => `${name}: ${value}`);
