import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../../client/log.ts';
import { castOf, waitFor } from '../../../cluster/index.ts';
import { HEALTHY_LIMIT_MS } from '../../vm-cluster.ts';
import { seeNothingLost, seeTakeover } from '../aftermath.ts';
import { demand, type Proof, type ProofSite, seconds } from '../proof.ts';
import { FILE_SERVER } from './file-server.ts';
import { seeFiles, untilFilesWritten } from './numbered-files.ts';
import { untilResources } from './resources.ts';
import { askedNode, underConfiguration } from './settings.ts';
import { endSharedData, FILES, prepareSharedData, seeShares, sharedDataResources } from './shared-data.ts';

/** T, what is added to it, and a margin for emulation. */
const PREPARED_LIMIT_MS = 240_000;
/** Longer than a take-over by itself would have taken from there. */
const WAITS_MS = 60_000;

export const manualSharedData: Proof = {
  name: '2-manual-shared-data',
  text: 'shared data on NFS, manual failover: the primary loses its power; hamn prepares and waits for an admin',
  both: true,
  machines: [FILE_SERVER],
  run: async (site) => {
    const { lab, cluster, saw } = site;
    const { primary, standby } = await castOf(cluster, HEALTHY_LIMIT_MS);
    await prepareSharedData(lab, cluster.options.data);
    await underConfiguration(site, { failover: 'manual', group: sharedDataResources }, async () => {
      await seeShares(site, primary, standby);
      await untilFilesWritten(site, primary, 5, 120_000);
      const sinceMs = monotonicMs();
      await lab.powerOff(primary);
      saw(`${primary}: the power is cut.`);
      await seeItWait(site, primary, standby, sinceMs);
      const saidMs = monotonicMs();
      const argv = ['hamnctl', 'failover', '--to', standby, '--yes', '--wait', '--timeout', '300'];
      await lab.mustExec(askedNode(site), argv, { timeoutMs: 320_000 });
      await seeTakeover(site, primary, standby, saidMs);
      await untilResources(site, standby, ['install', 'moved', 'files']);
      await untilFilesWritten(site, standby, 3, 180_000);
      saw(`${standby} writes through the share ${seconds(monotonicMs() - saidMs)} after hamnctl failover.`);
      await seeFiles(site, standby, FILES);
      await lab.powerOn(primary);
      saw(`${primary} has power again.`);
      await seeNothingLost(site, { sinceMs, standbys: [primary] });
      await seeShares(site, standby, primary);
      await endSharedData(site);
    });
  },
};

/** Ready, told, and nothing done. */
async function seeItWait(site: ProofSite, primary: string, standby: string, sinceMs: number): Promise<void> {
  const { cluster, recorder, saw } = site;
  const prepared = await waitFor(PREPARED_LIMIT_MS, 1000, async () => (await cluster.anyStatus())?.prepared);
  demand(prepared !== undefined, 'Nothing is prepared.');
  saw(
    `Prepared ${seconds(monotonicMs() - sinceMs)} after the power cut: ${prepared.command}. ${prepared.dataLoss}`,
  );
  saw(`What would be done: ${prepared.steps.join('; ')}.`);
  demand(prepared.to === standby, `${prepared.to} is prepared, and not ${standby}.`);
  const waitsFromMs = monotonicMs();
  await sleep(WAITS_MS);
  demand(recorder.acked(waitsFromMs).length === 0, 'Writes were acknowledged before an admin said a word.');
  const status = await cluster.anyStatus();
  demand(
    status?.primary?.node === primary,
    `${primary} does not hold the term any more: somebody took over.`,
  );
  await untilResources(site, standby, ['install']);
  saw(
    `${seconds(monotonicMs() - sinceMs)} after the power cut nobody serves, and ${standby} has its share: it waits for an admin.`,
  );
}
