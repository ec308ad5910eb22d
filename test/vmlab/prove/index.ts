import { makePackage } from '../../../deploy/package/make-package.ts';
import { type Cluster, castOf, nodesOf } from '../../cluster/index.ts';
import { HEALTHY_LIMIT_MS, moveMachines, vmClusterUp, vmRecorder } from '../vm-cluster.ts';
import { isVm } from '../vm-disk.ts';
import type { VmLab } from '../vm-lab.ts';
import { sysrqReboot, watchdogUnverified } from './hung-disk.ts';
import { pausedMachine } from './paused.ts';
import { powerCutOfBoth, powerCutOfPrimary } from './power-cut.ts';
import { type Proof, type ProofSite, seconds } from './proof.ts';
import { watchdogKilled, watchdogStopped } from './watchdog.ts';

/** What only a kernel of its own can show. */
export const PROOFS: readonly Proof[] = [
  powerCutOfPrimary,
  pausedMachine,
  watchdogStopped,
  watchdogKilled,
  watchdogUnverified,
  sysrqReboot,
  powerCutOfBoth,
];

export interface ProveOptions {
  readonly names: readonly string[];
  readonly packageFile: string | undefined;
  readonly fresh: boolean;
  readonly stay: boolean;
}

/** Runs the named proofs (all where none is named) on one cluster; the number of those that failed. */
export async function prove(lab: VmLab, options: ProveOptions, say: (line: string) => void): Promise<number> {
  const chosen = PROOFS.filter((proof) => options.names.length === 0 || options.names.includes(proof.name));
  const recorder = vmRecorder(lab);
  const failed: string[] = [];
  try {
    const packageFile = options.packageFile ?? (await makePackage());
    const cluster = await vmClusterUp(lab, { packageFile, fresh: options.fresh, machines: ['mn1'] }, say);
    await recorder.start();
    for (const proof of chosen) {
      const saw = (line: string): void => console.log(`  ${line}`);
      if (proof.both === true) await moveMachines(lab, cluster, cluster.options.data, say);
      await makeVmPrimary(lab, cluster, say);
      if (await runProof(proof, { lab, cluster, recorder, saw })) continue;
      failed.push(proof.name);
      // What the proof left behind (off, paused, cut off) is none of the next one's business.
      await lab.up(nodesOf(cluster.options));
    }
  } finally {
    await recorder.stop();
    recorder.remove();
    if (!options.stay) await lab.down();
  }
  const verdict = failed.length === 0 ? 'All were seen.' : `Not seen: ${failed.join(', ')}.`;
  console.log(`${chosen.length} proofs. ${verdict}`);
  return failed.length;
}

/** A proof looks at the primary's kernel, which must be one's own. */
async function makeVmPrimary(
  lab: VmLab,
  cluster: Cluster<VmLab>,
  say: (line: string) => void,
): Promise<void> {
  const { primary, standby } = await castOf(cluster, HEALTHY_LIMIT_MS);
  if (isVm(lab.layout, primary)) return;
  say(`hamnctl switchover --to ${standby}`);
  const argv = ['hamnctl', 'switchover', '--to', standby, '--yes', '--wait'];
  await lab.mustExec(primary, argv, { timeoutMs: 300_000 });
  await castOf(cluster, HEALTHY_LIMIT_MS);
}

async function runProof(proof: Proof, site: ProofSite): Promise<boolean> {
  console.log(`${proof.name}: ${proof.text}`);
  const start = performance.now();
  const took = (): string => seconds(performance.now() - start);
  try {
    await proof.run(site);
    console.log(`  Seen (${took()}).`);
    return true;
  } catch (error) {
    console.log(`  NOT SEEN (${took()}): ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
