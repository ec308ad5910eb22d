import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../client/log.ts';
import { waitFor } from '../cluster/index.ts';
import { cluster } from '../integration/whole-cluster.ts';
import { type EtcdFault, etcdLeader, etcdMembers, etcdNodes, groupKey } from './etcd.ts';
import { type Figures, must, type Stage } from './stage.ts';

/** What an outage of all etcd members may cost a client: less than what it would notice. */
export const mostGapMs = 1000;
/** Within so long after etcd is back everything that was on a lease must be there again. */
const keysBackMs = 12_000;

/** All members are gone at once, for a while, and come back by themselves. Nobody may notice but etcd's watchers. */
export async function etcdAway(stage: Stage, fault: EtcdFault, lastsMs: number): Promise<Figures> {
  const { primary } = stage.cast;
  await Promise.all(etcdNodes.map((node) => fault.begin(node)));
  const began = monotonicMs();
  try {
    await carriedByPromises(primary);
    await sleep(Math.max(0, lastsMs - (monotonicMs() - began)));
    must((await etcdMembers('wit1')).length === 0, 'An etcd member answered during the outage.');
    await stage.undisturbed(mostGapMs);
  } finally {
    await Promise.all(etcdNodes.map((node) => fault.end(node)));
  }
  const keysMs = await keysAreBack(stage);
  const healthyS = await stage.judge();
  const gap = await stage.undisturbed(mostGapMs);
  return { gap_ms: gap, keys_back_ms: keysMs, healthy_after_s: healthyS, acked: stage.acked().length };
}

/** The primary itself says so: the term goes on by promises alone, and etcd's silence is a problem with a remedy. */
async function carriedByPromises(primary: string): Promise<void> {
  let last = '';
  const said = await waitFor(20_000, 300, async () => {
    const status = await cluster.status(primary);
    const problem = status?.problems.find(({ text }) => text.includes('etcd has not committed anything'));
    last = JSON.stringify([status?.term, status?.etcd, problem]);
    const byPromises = status?.term?.viaPromises === true && status.term.viaEtcd === false;
    return byPromises && status?.etcd?.reachable === false && problem?.remedy !== undefined
      ? true
      : undefined;
  });
  must(
    said === true,
    `hamnctl status on ${primary} does not tell that promises alone carry the term: ${last}`,
  );
}

/** The role's lease under the same token, and each node's member key; milliseconds until all are there. */
async function keysAreBack(stage: Stage): Promise<number> {
  const began = monotonicMs();
  let last = '';
  const found = await waitFor(keysBackMs, 200, async () => {
    const leader = await etcdLeader('wit1');
    if (leader === undefined) {
      last = 'etcd has no leader';
      return undefined;
    }
    const lease = await groupKey('wit1', 'lease').catch(() => '');
    const members = await Promise.all(
      etcdNodes.map((node) => groupKey('wit1', `members/${node}`).catch(() => '')),
    );
    last = `lease ${lease.trim()}; members ${members.map((text) => text.length).join()}`;
    const { primary } = stage.cast;
    const isLease = lease.includes(`"holder":"${primary}"`) && lease.includes(`"token":${stage.token}`);
    return isLease && members.every((text) => text.trim() !== '') ? true : undefined;
  });
  must(found === true, `What was on etcd’s leases is not back ${keysBackMs} ms after etcd: ${last}.`);
  return Math.round(monotonicMs() - began);
}
