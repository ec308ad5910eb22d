import { Cluster, Recorder } from '../cluster/index.ts';
import type { VmLab } from './vm-lab.ts';

/** Set-up and the first clone run on emulated machines. */
export const HEALTHY_LIMIT_MS = 600_000;

/**
 * hamn on virtual machines, from its package. Profile `patient` (T = 10 s) and slow elections in etcd: an emulated machine on a busy host
 * may stand still for a second, which is no fault that hamn should answer.
 */
export const vmCluster = (lab: VmLab, log: (line: string) => void): Cluster<VmLab> =>
  new Cluster(
    lab,
    {
      profile: 'patient',
      services: false,
      etcd: { HEARTBEAT_INTERVAL: '500', ELECTION_TIMEOUT: '5000' },
    },
    log,
  );

/** A login takes a second there, and a commit as long as two emulated disks need. */
export const slowWriter: readonly string[] = [
  ...['--connect-limit-ms', '5000'],
  ...['--query-limit-ms', '5000'],
  ...['--retry-ms', '1000'],
];

export const vmRecorder = (lab: VmLab): Recorder =>
  new Recorder(lab, {
    intervalMs: 100,
    writer: slowWriter,
    startLimitMs: 120_000,
  });
