import { Cluster, type ClusterOptions, nodesOf, Recorder } from '../cluster/index.ts';
import type { VmLab } from './vm-lab.ts';

/** On emulated machines, on a busy host. */
export const HEALTHY_LIMIT_MS = 900_000;

/**
 * Profile `patient` (T = 10 s) and slow elections in etcd: an emulated machine on a busy host may stand still for a second, which is no fault
 * that hamn should answer.
 */
const OPTIONS: Partial<ClusterOptions> = {
  profile: 'patient',
  services: false,
  etcd: { HEARTBEAT_INTERVAL: '500', ELECTION_TIMEOUT: '5000' },
};

export interface ClusterUp {
  readonly packageFile: string;
  readonly fresh: boolean;
}

/**
 * hamn from its package on two virtual machines; the witness, which only votes, stays in namespaces. The cluster is set up in namespaces,
 * where that takes half a minute, and its data nodes are moved to virtual machines then.
 */
export async function vmClusterUp(
  lab: VmLab,
  { packageFile, fresh }: ClusterUp,
  log: (line: string) => void,
): Promise<Cluster<VmLab>> {
  const seed = new Cluster(lab.namespaces, OPTIONS, log);
  const cluster = new Cluster(lab, OPTIONS, log);
  const { data } = cluster.options;
  if (fresh || !seed.isSetUp(packageFile)) {
    await lab.down({ wipe: true });
    await seed.up(packageFile, { fresh: true });
    log(`moving ${data.join(' and ')} to virtual machines`);
    await lab.move(data);
  }
  await lab.up(nodesOf(cluster.options));
  await cluster.healthy(HEALTHY_LIMIT_MS);
  return cluster;
}

/** A login takes a second there, and a commit as long as two emulated disks need. */
export const slowWriter: readonly string[] = [
  ...['--connect-limit-ms', '5000'],
  ...['--query-limit-ms', '5000'],
  ...['--retry-ms', '1000'],
];

export const vmRecorder = (lab: VmLab): Recorder =>
  new Recorder(lab, { intervalMs: 100, writer: slowWriter, startLimitMs: 120_000 });
