import { setTimeout as sleep } from 'node:timers/promises';
import { etcdctlAt } from '../cluster/etcdctl.ts';
import { waitFor } from '../cluster/index.ts';
import { lab, sh } from '../integration/whole-cluster.ts';
import { machineOf } from '../lab/index.ts';
import { etcdLedBy, etcdMembers, etcdNodes, killEtcd, startEtcd } from './etcd.ts';
import { type Figures, must, type Stage } from './stage.ts';

const unnoticedMs = 1000;
/** Longer than T. */
const lastsMs = 8000;
const backMs = 30_000;

/** Each pair of members: with either, the quorum is gone. */
export const pairs: readonly (readonly [string, string])[] = etcdNodes.flatMap((one, at) =>
  etcdNodes.slice(at + 1).map((other) => [one, other] as const),
);

/** etcd without its quorum: the term is carried by promises, and goes on by etcd when the two are back. */
export async function quorumLost(stage: Stage, pair: readonly [string, string]): Promise<Figures> {
  await Promise.all(pair.map(killEtcd));
  try {
    await sleep(lastsMs);
    await stage.undisturbed(unnoticedMs);
  } finally {
    await Promise.all(pair.map(startEtcd));
  }
  await etcdLedBy('wit1', () => true, backMs);
  const healthy = await stage.judge();
  return { gap_ms: await stage.undisturbed(unnoticedMs), healthy_after_s: healthy };
}

/** A member whose disk is lost is taken out, and an empty one comes in its place, as the runbook says. The primary goes on. */
export async function memberReplaced(stage: Stage, node: string): Promise<Figures> {
  const others = etcdNodes.filter((name) => name !== node);
  const [asker = 'wit1'] = others;
  const lost = (await etcdMembers(asker)).find((member) => member.node === node);
  must(lost !== undefined, `etcd on ${node} does not answer.`);
  await killEtcd(node);
  await ask(asker, others, 'member', 'remove', lost.id);
  await sh(node, 'rm -rf /var/lib/etcd/default');
  await ask(asker, others, 'member', 'add', node, `--peer-urls=https://${machineOf(node).ipv4}:2380`);
  await sh(
    node,
    `sed -i 's/^ETCD_INITIAL_CLUSTER_STATE=.*/ETCD_INITIAL_CLUSTER_STATE="existing"/' /etc/default/etcd`,
  );
  await startEtcd(node);
  const all = await waitFor(backMs, 500, async () =>
    (await etcdMembers(asker)).length === etcdNodes.length ? true : undefined,
  );
  must(all === true, `The new etcd member on ${node} does not answer within ${backMs} ms.`);
  const healthy = await stage.judge();
  return { replaced: node, gap_ms: await stage.undisturbed(unnoticedMs), healthy_after_s: healthy };
}

/** Right after a member's death etcd may be electing: an admin would try again. */
async function ask(asker: string, members: readonly string[], ...args: readonly string[]): Promise<void> {
  let why = '';
  const done = await waitFor(backMs, 1000, async () => {
    const answer = await etcdctlAt(lab, asker, members, ...args).catch((error: unknown) => {
      why = String(error);
      return undefined;
    });
    return answer;
  });
  must(done !== undefined, `etcdctl ${args.join(' ')}: ${why}`);
}
