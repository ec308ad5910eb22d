import { groupPrefix } from '@hamn/core';
import { etcdctl, etcdctlAt } from '../cluster/etcdctl.ts';
import { nodesOf, waitFor } from '../cluster/index.ts';
import { clusterName } from '../cluster/options.ts';
import { cluster, lab, sh } from '../integration/whole-cluster.ts';

/** The three etcd members of the lab's cluster, as faults and their healing see them. */

export const etcdNodes: readonly string[] = nodesOf(cluster.options);

/** SIGKILL, and systemd does not start it again. */
export const killEtcd = (node: string): Promise<unknown> =>
  sh(node, 'systemctl kill -s KILL etcd.service; systemctl stop etcd.service', 60_000);

export const startEtcd = (node: string): Promise<unknown> => sh(node, 'systemctl start etcd.service', 60_000);

export const freezeEtcd = (node: string): Promise<unknown> => lab.kill(node, 'etcd', 'SIGSTOP');

export const thawEtcd = (node: string): Promise<unknown> => lab.kill(node, 'etcd', 'SIGCONT');

export interface EtcdFault {
  readonly name: 'kill' | 'freeze';
  readonly begin: (node: string) => Promise<unknown>;
  readonly end: (node: string) => Promise<unknown>;
}

export const etcdFaults: readonly EtcdFault[] = [
  { name: 'kill', begin: killEtcd, end: startEtcd },
  { name: 'freeze', begin: freezeEtcd, end: thawEtcd },
];

interface MemberLine {
  readonly node: string;
  readonly id: string;
  readonly leads: boolean;
}

/** What those members say that answer; `asker` is the node that asks. */
export async function etcdMembers(
  asker: string,
  nodes: readonly string[] = etcdNodes,
): Promise<readonly MemberLine[]> {
  const lines = await Promise.all(
    nodes.map(async (node) => {
      const text = await etcdctlAt(lab, asker, [node], '--command-timeout=1s', 'endpoint', 'status').catch(
        () => '',
      );
      const [, id, , , leads] = text.split(',').map((field) => field.trim());
      return id === undefined ? [] : [{ node, id, leads: leads === 'true' }];
    }),
  );
  return lines.flat();
}

/** The one member that says that it leads. */
export async function etcdLeader(asker: string): Promise<string | undefined> {
  const leaders = (await etcdMembers(asker)).filter((member) => member.leads);
  return leaders.length === 1 ? leaders[0]?.node : undefined;
}

/** Waits until one member leads and `isRight` says yes to it. @throws Error at the limit */
export async function etcdLedBy(
  asker: string,
  isRight: (node: string) => boolean,
  limitMs: number,
): Promise<string> {
  let last: string | undefined;
  const found = await waitFor(limitMs, 250, async () => {
    last = await etcdLeader(asker);
    return last !== undefined && isRight(last) ? last : undefined;
  });
  if (found !== undefined) return found;
  throw new Error(
    `After ${limitMs} ms etcd is led by ${last ?? 'nobody'}, which is not what was waited for.`,
  );
}

/** As an admin moves it. */
export async function moveEtcdLeader(to: string): Promise<void> {
  const members = await etcdMembers(to);
  const [from, target] = [
    members.find((member) => member.leads),
    members.find((member) => member.node === to),
  ];
  if (from === undefined || target === undefined)
    throw new Error(`etcd has no leader, or no member on ${to}.`);
  if (from.node !== to) await etcdctl(lab, from.node, 'move-leader', target.id);
}

/** The text of one of the group's keys; empty when there is none. */
export const groupKey = (asker: string, key: string): Promise<string> =>
  etcdctl(lab, asker, 'get', '--print-value-only', `${groupPrefix(clusterName, 'mn')}${key}`);
