import { waitFor } from '../../cluster/index.ts';
import { machineOf } from '../../lab/index.ts';
import type { Undo } from './inflict.ts';
import { etcdctl, membersOf, operate, type Stage } from './stage.ts';

const stopLimitMs = 5000;
const replaceLimitMs = 45_000;

/** etcd is stopped on some nodes, and does not come back until an operator starts it. */
export async function loseEtcd(stage: Stage, nodes: readonly string[]): Promise<Undo> {
  // Killed first: a polite end would hand etcd's leadership over.
  const script = 'systemctl kill --signal=KILL etcd.service; systemctl stop etcd.service';
  await Promise.all(nodes.map((node) => operate(stage, node, ['sh', '-c', script], stopLimitMs)));
  return () => startEtcd(stage, nodes);
}

/** An etcd that runs is left alone. */
export async function startEtcd(stage: Stage, nodes: readonly string[]): Promise<void> {
  const argv = ['systemctl', 'start', '--no-block', 'etcd.service'];
  await Promise.all(
    nodes.map(async (node) => {
      const started = await waitFor(replaceLimitMs, 500, async () =>
        (await operate(stage, node, argv, stopLimitMs)).ok ? true : undefined,
      );
      if (started === undefined) stage.note(`etcd could not be started on ${node}`);
    }),
  );
}

/** A member loses its disk; the operator removes it from etcd's cluster, adds it again and starts it empty. */
export async function replaceMember(stage: Stage, node: string): Promise<Undo> {
  // Disabled: a member that starts empty under its old identity (after a power-off, say) would have forgotten what it voted for.
  const wipe =
    'systemctl disable etcd.service; systemctl kill --signal=KILL etcd.service; systemctl stop etcd.service; ' +
    'rm -rf /var/lib/etcd/default';
  const wiped = await operate(stage, node, ['sh', '-c', wipe], stopLimitMs);
  if (!wiped.ok) stage.note(`etcd could not be stopped and wiped on ${node}: ${wiped.said}`);
  return async () => {
    const done = await waitFor(replaceLimitMs, 700, () => tryToReplace(stage, node, wipe));
    if (done === undefined) stage.note(`the member on ${node} could not be replaced within 45 s`);
  };
}

/** One step is enough for a call: it is called again until all is done. The wiped member is the one whose name is gone from the list. */
async function tryToReplace(stage: Stage, node: string, wipe: string): Promise<true | undefined> {
  const others = membersOf(stage).filter((name) => name !== node);
  for (const helper of others) {
    const ask = (...words: string[]) => operate(stage, helper, etcdctl([helper], words), 4000);
    const listed = await ask('member', 'list');
    if (!listed.ok) continue;
    const peer = `https://${machineOf(node).ipv4}:2380`;
    const own = listed.said.split('\n').find((line) => line.includes(peer));
    const [id = '', state = ''] = own?.split(', ') ?? [];
    if (own !== undefined && state === 'started') {
      const ready = await operate(stage, node, ['sh', '-c', wipe], stopLimitMs);
      if (!ready.ok) return undefined;
      await ask('member', 'remove', id);
      return undefined;
    }
    if (own === undefined && !(await ask('member', 'add', node, `--peer-urls=${peer}`)).ok) return undefined;
    const start =
      'sed -i \'s/^ETCD_INITIAL_CLUSTER_STATE=.*/ETCD_INITIAL_CLUSTER_STATE="existing"/\' /etc/default/etcd && ' +
      'systemctl enable etcd.service && systemctl start --no-block etcd.service';
    return (await operate(stage, node, ['sh', '-c', start], stopLimitMs)).ok ? true : undefined;
  }
  return undefined;
}
