import { makePackage } from '../../../deploy/package/make-package.ts';
import { type Cluster, castOf, nodesOf } from '../../cluster/index.ts';
import { HEALTHY_LIMIT_MS, moveMachines, vmClusterUp, vmRecorder } from '../vm-cluster.ts';
import { isVm } from '../vm-disk.ts';
import type { VmLab } from '../vm-lab.ts';
import { CONFIGURATION_PROOFS } from './configurations/index.ts';
import { loneMachine } from './lone-guard.ts';
import { LONE_PROOFS } from './lone-proofs.ts';
import { pausedMachine } from './paused.ts';
import { powerCutOfBoth, powerCutOfPrimary } from './power-cut.ts';
import { type Proof, seconds } from './proof.ts';

const CLUSTER_PROOFS: readonly Proof[] = [
  powerCutOfPrimary,
  pausedMachine,
  powerCutOfBoth,
  ...CONFIGURATION_PROOFS,
];

/** What only a kernel of its own can show. */
export const PROOF_NAMES: readonly string[] = [...LONE_PROOFS, ...CLUSTER_PROOFS].map((proof) => proof.name);

export interface ProveOptions {
  /** All where none is named. */
  readonly names: readonly string[];
  readonly packageFile: string | undefined;
  readonly fresh: boolean;
  readonly stay: boolean;
}

type Say = (line: string) => void;
const saw: Say = (line) => console.log(`  ${line}`);

/** Runs the proofs: those of one machine first, then those of a cluster. Gives the number of those that failed. */
export async function prove(lab: VmLab, options: ProveOptions, say: Say): Promise<number> {
  const isChosen = ({ name }: { readonly name: string }): boolean =>
    options.names.length === 0 || options.names.includes(name);
  const [lone, clustered] = [LONE_PROOFS.filter(isChosen), CLUSTER_PROOFS.filter(isChosen)];
  const packageFile = options.packageFile ?? (await makePackage());
  const failed: string[] = [];
  try {
    if (options.fresh) await lab.down({ wipe: true });
    if (lone.length > 0) await loneMachine(lab, packageFile);
    for (const proof of lone) {
      const { name, text } = proof;
      if (!(await isSeen(name, text, () => proof.run(lab, saw)))) failed.push(name);
    }
    if (lone.length > 0) await lab.down();
    if (clustered.length > 0) failed.push(...(await proveOnCluster(lab, clustered, packageFile, say)));
  } finally {
    if (!options.stay) await lab.down();
  }
  const verdict = failed.length === 0 ? 'All were seen.' : `Not seen: ${failed.join(', ')}.`;
  console.log(`${lone.length + clustered.length} proofs. ${verdict}`);
  return failed.length;
}

/** One cluster for all, and a client that commits through the VIP all the time. Gives the names of those that failed. */
async function proveOnCluster(
  lab: VmLab,
  proofs: readonly Proof[],
  packageFile: string,
  say: Say,
): Promise<string[]> {
  const cluster = await vmClusterUp(lab, { packageFile, fresh: false, machines: ['mn1'] }, say);
  const recorder = vmRecorder(lab);
  const failed: string[] = [];
  try {
    await recorder.start();
    for (const proof of proofs) {
      if (proof.both === true) await moveMachines(lab, cluster, cluster.options.data, say);
      if (proof.machines !== undefined) await lab.up(proof.machines);
      await makeVmPrimary(lab, cluster, say);
      const site = { lab, cluster, recorder, saw };
      if (await isSeen(proof.name, proof.text, () => proof.run(site))) continue;
      failed.push(proof.name);
      // What the proof left behind (off, paused, cut off) is none of the next one's business.
      await lab.up(nodesOf(cluster.options));
    }
  } finally {
    await recorder.stop();
    recorder.remove();
  }
  return failed;
}

/** A proof looks at the primary's kernel, which must be one's own. */
async function makeVmPrimary(lab: VmLab, cluster: Cluster<VmLab>, say: Say): Promise<void> {
  const { primary, standby } = await castOf(cluster, HEALTHY_LIMIT_MS);
  if (isVm(lab.layout, primary)) return;
  say(`hamnctl switchover --to ${standby}`);
  const argv = ['hamnctl', 'switchover', '--to', standby, '--yes', '--wait'];
  await lab.mustExec(primary, argv, { timeoutMs: 300_000 });
  await castOf(cluster, HEALTHY_LIMIT_MS);
}

async function isSeen(name: string, text: string, run: () => Promise<void>): Promise<boolean> {
  console.log(`${name}: ${text}`);
  const start = performance.now();
  const took = (): string => seconds(performance.now() - start);
  try {
    await run();
    console.log(`  Seen (${took()}).`);
    return true;
  } catch (error) {
    console.log(`  NOT SEEN (${took()}): ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
