import { setTimeout as sleep } from 'node:timers/promises';
import { etcdctl } from '../cluster/etcdctl.ts';
import { waitFor } from '../cluster/index.ts';
import { lab, problems, sh } from '../integration/whole-cluster.ts';
import { machineOf } from '../lab/index.ts';
import { etcdNodes, killEtcd, startEtcd } from './etcd.ts';
import { type Figures, must, type Stage } from './stage.ts';

/** The token that etcd's members were made with; the cluster's id follows from it and their addresses. */
const sameToken = 'hamn-lab';
const data = '/var/lib/etcd/default';
const snapshot = '/root/etcd-snapshot';
const harmlessMs = 15_000;
const toldMs = 20_000;
const nobodyMs = 9000;

export interface Restore {
  readonly name: string;
  readonly token: string;
  /** What every node must say. */
  readonly alarm: RegExp;
}

export const restores: readonly Restore[] = [
  {
    name: 'under the same cluster id, with lower revisions',
    token: sameToken,
    alarm:
      /etcd’s revision went back from \d+ to \d+: .* restart hamnd after checking \(docs\/runbooks\/etcd\.md\)/,
  },
  {
    name: 'under another cluster id',
    token: 'hamn-lab-2',
    alarm:
      /etcd’s cluster id changed from \S+ to \S+: .* restart hamnd after checking \(docs\/runbooks\/etcd\.md\)/,
  },
];

/**
 * An admin restores etcd from a backup while hamn runs. What the backup says may be old, so nobody acts by it: the primary ends its term,
 * nobody takes it, and every node tells why and what to do. With etcd as it was and hamnd restarted all goes on, and nothing is lost.
 */
export async function etcdRestored(stage: Stage, { token, alarm }: Restore): Promise<Figures> {
  const { primary, standby, witness } = stage.cast;
  await etcdctl(lab, witness, 'snapshot', 'save', snapshot);
  const text = await lab.mustExec(witness, ['base64', '-w0', snapshot], { timeoutMs: 30_000 });
  // Revisions must have gone on beyond the backup by more than the members write when they start.
  await sleep(10_000);
  await Promise.all(etcdNodes.map(killEtcd));
  await Promise.all(etcdNodes.map((node) => restoreOn(node, text, token)));
  try {
    const start = (): Promise<unknown> => Promise.all(etcdNodes.map(startEtcd));
    const harmless = await stage.harmlessAfter(start, harmlessMs);
    await Promise.all([primary, standby, witness].map((node) => tells(node, alarm)));
    await stage.nobodyServes(nobodyMs);
    return { harmless_after_ms: harmless, healthy_after_s: await putBack(stage) };
  } catch (error) {
    await putBack(stage);
    throw error;
  }
}

async function restoreOn(node: string, text: string, token: string): Promise<void> {
  await lab.writeFile(node, `${snapshot}.text`, text);
  const members = etcdNodes.map((name) => `${name}=https://${machineOf(name).ipv4}:2380`).join(',');
  const restore = [
    `base64 -d ${snapshot}.text > ${snapshot} && mv ${data} ${data}.own &&`,
    `ETCDCTL_API=3 etcdctl snapshot restore ${snapshot} --skip-hash-check --name ${node} --data-dir ${data}`,
    `--initial-cluster ${members} --initial-cluster-token ${token}`,
    `--initial-advertise-peer-urls https://${machineOf(node).ipv4}:2380`,
  ];
  const done = await sh(node, restore.join(' '), 60_000);
  must(done.code === 0, `etcd could not be restored on ${node}: ${done.stderr}`);
}

async function tells(node: string, alarm: RegExp): Promise<void> {
  let last = '';
  const told = await waitFor(toldMs, 300, async () => {
    last = await problems(node);
    return alarm.test(last) ? true : undefined;
  });
  must(told === true, `hamnctl status on ${node} does not tell it: ${last}`);
}

/** etcd as it was before, and every hamnd restarted, because what etcd says is now known to be right. */
async function putBack(stage: Stage): Promise<number> {
  await Promise.all(etcdNodes.map(killEtcd));
  await Promise.all(
    etcdNodes.map((node) => sh(node, `rm -rf ${data} ${snapshot}*; mv ${data}.own ${data}`, 60_000)),
  );
  await Promise.all(etcdNodes.map(startEtcd));
  await Promise.all(etcdNodes.map((node) => sh(node, 'systemctl restart hamnd', 60_000)));
  return stage.judge();
}
