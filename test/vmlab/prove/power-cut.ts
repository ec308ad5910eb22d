import { monotonicMs } from '../../client/log.ts';
import { castOf } from '../../cluster/index.ts';
import { HEALTHY_LIMIT_MS } from '../vm-cluster.ts';
import type { VmLab } from '../vm-lab.ts';
import { seeNothingLost, seeTakeover, TAKEOVER_LIMIT_MS } from './aftermath.ts';
import { demand, type Proof, type ProofSite } from './proof.ts';

const SYNCED = '/root/vmlab-synced';
const UNSYNCED = '/root/vmlab-unsynced';

/** Two files, of which one is told to reach the disk: a power cut that is none would leave both. */
async function writeMarks(lab: VmLab, node: string): Promise<void> {
  const script = `rm -f ${SYNCED} ${UNSYNCED}; sync
echo kept >${SYNCED}; sync ${SYNCED}
echo lost >${UNSYNCED}`;
  await lab.mustExec(node, ['sh', '-c', script]);
}

async function seeMarks({ lab, saw }: ProofSite, node: string): Promise<void> {
  const synced = (await lab.exec(node, ['cat', SYNCED])).stdout.trim();
  const unsynced = (await lab.exec(node, ['cat', UNSYNCED])).stdout.trim();
  demand(synced === 'kept', `${node}: a file that was synced before the power cut is gone.`);
  demand(unsynced !== 'lost', `${node}: a file that was not synced outlived the power cut: it was none.`);
  saw(`${node}: what was synced is there, what was only in the page cache is gone.`);
}

export const powerCutOfPrimary: Proof = {
  name: 'power-cut-primary',
  text: 'the primary loses its power, and its page cache, in the middle of writes',
  run: async (site) => {
    const { lab, cluster, recorder, saw } = site;
    const { primary, standby } = await castOf(cluster, HEALTHY_LIMIT_MS);
    await recorder.writesSince(monotonicMs(), 20, 60_000);
    await writeMarks(lab, primary);
    const sinceMs = monotonicMs();
    await lab.powerOff(primary);
    saw(`${primary}: the power is cut.`);
    await seeTakeover(site, primary, standby, sinceMs);
    await recorder.writesSince(monotonicMs(), 20, 60_000);
    await lab.powerOn(primary);
    saw(`${primary} has power again.`);
    await seeMarks(site, primary);
    await seeNothingLost(site, { sinceMs, standbys: [primary] });
  },
};

export const powerCutOfBoth: Proof = {
  name: 'power-cut-both',
  text: 'both data nodes lose their power at once, in the middle of writes; nobody helps afterwards',
  both: true,
  run: async (site) => {
    const { lab, cluster, recorder, saw } = site;
    const { primary, standby } = await castOf(cluster, HEALTHY_LIMIT_MS);
    await recorder.writesSince(monotonicMs(), 20, 60_000);
    await Promise.all([primary, standby].map((node) => writeMarks(lab, node)));
    const sinceMs = monotonicMs();
    await Promise.all([primary, standby].map((node) => lab.powerOff(node)));
    saw(`${primary} and ${standby}: the power is cut.`);
    await Promise.all([primary, standby].map((node) => lab.powerOn(node)));
    saw('Both have power again.');
    await Promise.all([primary, standby].map((node) => seeMarks(site, node)));
    demand(
      await recorder.writesSince(sinceMs + 1, 10, TAKEOVER_LIMIT_MS),
      'No write was acknowledged after the power came back.',
    );
    await seeNothingLost(site, { sinceMs });
  },
};
