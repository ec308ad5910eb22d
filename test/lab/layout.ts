import { join } from 'node:path';
import { LabError } from './lab-error.ts';

/** One machine on the lab's segment. The MAC is fixed, so that captures and ARP logs of different runs compare. */
export type Machine = {
  readonly name: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly mac: string;
};

/** Where everything of one lab lives: on disk, among the network namespaces and among the control groups. */
export type Layout = {
  readonly labName: string;
  /** Shared by all labs of this host: the base root file systems. */
  readonly basesDir: string;
  /** This lab's own: nodes' disks, locks. */
  readonly labDir: string;
  readonly switchNetns: string;
  readonly clientNetns: string;
  readonly observerNetns: string;
};

export const STATE_ROOT: string = '/var/tmp/hamn-lab';
export const DEFAULT_LAB_NAME: string = 'hamnlab';
export const DEFAULT_NODES: readonly string[] = ['mn1', 'mn2', 'wit1'];

/** The addresses a cluster in the lab claims as its VIP; the lab itself never configures them. */
export const VIP: { readonly ipv4: string; readonly ipv6: string } = {
  ipv4: '10.99.0.10/24',
  ipv6: 'fd99::10/64',
};

const machine = (name: string, host: number): Machine => ({
  name,
  ipv4: `10.99.0.${host}`,
  ipv6: `fd99::${host}`,
  mac: `02:68:6d:00:00:${host.toString(16).padStart(2, '0')}`,
});

export const CLIENT: Machine = machine('client', 100);
/**
 * Who asks by ARP for the VIP. A machine of its own: the answers it provokes must not teach the client's kernel where the VIP is, or a
 * missing announcement would go unseen.
 */
export const OBSERVER: Machine = machine('observer', 101);

const MACHINES: readonly Machine[] = [
  machine('mn1', 11),
  machine('mn2', 12),
  machine('wit1', 13),
  machine('mn3', 14),
  machine('mn4', 15),
  machine('sn1', 21),
  machine('sn2', 22),
];

export const NODE_NAMES: readonly string[] = MACHINES.map((each) => each.name);

/** @throws LabError `unknown-node` */
export function machineOf(name: string): Machine {
  const found = MACHINES.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new LabError(
    'unknown-node',
    `The lab knows no node '${name}'. Its nodes are ${NODE_NAMES.join(', ')}.`,
  );
}

/**
 * Labs with different names live side by side, each with a switch of its own, so the same addresses do not clash.
 * @throws LabError `bad-lab-name`
 */
export function layoutOf(labName: string): Layout {
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(labName)) {
    throw new LabError(
      'bad-lab-name',
      `'${labName}' cannot name a lab: use 2 to 31 lower-case letters, digits and dashes, a letter first.`,
    );
  }
  return {
    labName,
    basesDir: join(STATE_ROOT, 'bases'),
    labDir: join(STATE_ROOT, 'labs', labName),
    switchNetns: `${labName}-sw`,
    clientNetns: `${labName}-client`,
    observerNetns: `${labName}-observer`,
  };
}

export const nodeNetns = (layout: Layout, node: string): string => `${layout.labName}-${node}`;
export const nodeDir = (layout: Layout, node: string): string => join(layout.labDir, 'nodes', node);

/** The name of the switch's port that leads to a machine. */
export const portOf = (name: string): string => `p-${name}`;

/** The hosts file of every node: all machines by name, whether they run or not. */
export function hostsFile(self: string): string {
  const lines = ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback'];
  for (const each of [...MACHINES, CLIENT])
    lines.push(`${each.ipv4} ${each.name}`, `${each.ipv6} ${each.name}`);
  return `# Written by the lab for ${self}.\n${lines.join('\n')}\n`;
}
