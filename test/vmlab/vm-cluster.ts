import { Cluster, type ClusterOptions, nodesOf, Recorder } from '../cluster/index.ts';
import { hasOtherImage, isVm } from './vm-disk.ts';
import type { VmLab } from './vm-lab.ts';

/** On emulated machines, on a busy host. */
export const HEALTHY_LIMIT_MS = 900_000;

/**
 * T = 30 s, three times that of the profile `patient`, and slow elections in etcd: an emulated machine on a busy host may stand still for
 * seconds, which is no fault that hamn should answer.
 */
const OPTIONS: Partial<ClusterOptions> = {
  profile: 'patient',
  timings: { termMs: 30_000, intervalMs: 5_000, requestMs: 5_000, marginMs: 6_000 },
  services: false,
  etcd: { HEARTBEAT_INTERVAL: '500', ELECTION_TIMEOUT: '5000' },
};

export interface ClusterUp {
  readonly packageFile: string;
  readonly fresh: boolean;
  /** The data nodes that are virtual machines; what is one already stays one. */
  readonly machines: readonly string[];
}

/**
 * hamn from its package, on virtual machines and nodes in namespaces. The cluster is set up in namespaces, where that takes half a minute,
 * and its machines are moved out of them then.
 */
export async function vmClusterUp(
  lab: VmLab,
  { packageFile, fresh, machines }: ClusterUp,
  log: (line: string) => void,
): Promise<Cluster<VmLab>> {
  const seed = new Cluster(lab.namespaces, OPTIONS, log);
  const cluster = new Cluster(lab, OPTIONS, log);
  if (fresh || !seed.isSetUp(packageFile) || machines.some((node) => hasOtherImage(lab.layout, node))) {
    await lab.down({ wipe: true });
    await seed.up(packageFile, { fresh: true });
  }
  await moveMachines(lab, cluster, machines, log);
  return cluster;
}

/** Moves those that are not virtual machines yet, and waits until all is well. */
export async function moveMachines(
  lab: VmLab,
  cluster: Cluster<VmLab>,
  machines: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  const due = machines.filter((node) => !isVm(lab.layout, node));
  if (due.length > 0) {
    log(`moving ${due.join(' and ')} to virtual machines`);
    await lab.namespaces.up(due);
    for (const node of due) await allowSlowness(lab, node);
    await lab.move(due);
  }
  await lab.up(nodesOf(cluster.options));
  await cluster.healthy(HEALTHY_LIMIT_MS);
}

/**
 * A daemon that starts, or answers, late is no broken one there. hamnd goes before all others, and while it looks in vain for etcd on the one emulated
 * processor it leaves etcd so little of it that its start comes to its limit, again and again: etcd goes before hamnd.
 */
async function allowSlowness(lab: VmLab, node: string): Promise<void> {
  for (const unit of ['hamnd.service', 'hamn-guard.service', 'etcd.service'])
    await lab.writeFile(
      node,
      `/etc/systemd/system/${unit}.d/vmlab-slowness.conf`,
      `[Service]\nTimeoutStartSec=600\n${unit === 'etcd.service' ? 'Nice=-15\n' : 'WatchdogSec=300\n'}`,
    );
}

/** A login takes a second there, and a commit as long as two emulated disks need. */
export const slowWriter: readonly string[] = [
  ...['--connect-limit-ms', '5000'],
  ...['--query-limit-ms', '5000'],
  ...['--retry-ms', '1000'],
];

export const vmRecorder = (lab: VmLab): Recorder =>
  new Recorder(lab, { intervalMs: 100, writer: slowWriter, startLimitMs: 120_000 });
