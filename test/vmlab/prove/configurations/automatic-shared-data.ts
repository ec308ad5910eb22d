import { monotonicMs } from '../../../client/log.ts';
import { castOf } from '../../../cluster/index.ts';
import { HEALTHY_LIMIT_MS } from '../../vm-cluster.ts';
import { seeNothingLost, seeTakeover } from '../aftermath.ts';
import { demand, type Proof, type ProofSite, seconds } from '../proof.ts';
import { FILE_SERVER } from './file-server.ts';
import { seeFiles, untilFilesWritten } from './numbered-files.ts';
import { resourcesOn, tell, untilResources } from './resources.ts';
import { askedNode, underConfiguration } from './settings.ts';
import {
  calmOf,
  endSharedData,
  FILES,
  INSTALL,
  prepareSharedData,
  seeAnswers,
  seeCalm,
  seeShares,
  sharedDataResources,
} from './shared-data.ts';

/** Looks of 5 s each, the first within 10 s: 33 s by the settings; the rest is for emulation. */
const NOTICED_LIMIT_MS = 180_000;
/** How long it stays silent after it was noticed: longer than T, and than several restarts would take. */
const SILENT_MS = 60_000;

export const automaticSharedData: Proof = {
  name: '5-automatic-shared-data',
  text: 'shared data on NFS, automatic failover: the primary loses its power; the file server hangs and comes back',
  both: true,
  machines: [FILE_SERVER],
  run: async (site) => {
    const { lab, cluster } = site;
    const { primary, standby } = await castOf(cluster, HEALTHY_LIMIT_MS);
    await prepareSharedData(lab, cluster.options.data);
    await underConfiguration(site, { failover: 'automatic', group: sharedDataResources }, async () => {
      await seeShares(site, primary, standby);
      await untilFilesWritten(site, primary, 5, 120_000);
      await seeSilence(site, primary, standby);
      await seePowerCut(site, primary, standby);
      await endSharedData(site);
    });
  },
};

/** The file server stands still: told, borne, and over when it goes on. */
async function seeSilence(site: ProofSite, primary: string, standby: string): Promise<void> {
  const { lab, recorder, saw } = site;
  const before = await calmOf(site);
  const sinceMs = monotonicMs();
  await lab.pause(FILE_SERVER);
  saw('The file server is paused.');
  for (const node of [primary, standby]) {
    await untilResources(site, node, ['install'], ({ state }) => state === 'degraded', NOTICED_LIMIT_MS);
    const told = (await resourcesOn(site, node)).filter(({ name }) => name === 'install');
    saw(`${node}, ${seconds(monotonicMs() - sinceMs)} after the pause: ${tell(told)}`);
  }
  // Its exit code tells of the problems, too.
  const status = (await lab.exec(askedNode(site), ['hamnctl', 'status'], { timeoutMs: 30_000 })).stdout;
  const line = status
    .split('\n')
    .find((each) => each.includes(`${primary}: The resource install is degraded`));
  demand(line?.includes(INSTALL) === true, `hamnctl status does not tell it: ${status}`);
  saw(`hamnctl status: ${line.trim()}`);
  await seeAnswers(site);
  demand(
    await recorder.writesSince(monotonicMs() + SILENT_MS, 20, SILENT_MS + 60_000),
    'No write through the VIP was acknowledged while the file server was silent.',
  );
  await seeCalm(site, before, 'while the file server was silent');
  saw(`Writes through the VIP go on; the role is where it was, with the same hamnd on both nodes.`);
  const resumedMs = monotonicMs();
  await lab.resume(FILE_SERVER);
  await untilFilesWritten(site, primary, 3, 180_000);
  saw(
    `The file server goes on after ${seconds(resumedMs - sinceMs)}; the service writes ${seconds(monotonicMs() - resumedMs)} later.`,
  );
  await seeShares(site, primary, standby);
  await seeCalm(site, before, 'when the file server came back');
  await seeFiles(site, primary, FILES);
}

async function seePowerCut(site: ProofSite, primary: string, standby: string): Promise<void> {
  const { lab, recorder, saw } = site;
  await recorder.writesSince(monotonicMs(), 20, 60_000);
  const sinceMs = monotonicMs();
  await lab.powerOff(primary);
  saw(`${primary}: the power is cut.`);
  await seeTakeover(site, primary, standby, sinceMs);
  await untilResources(site, standby, ['install', 'moved', 'files']);
  await untilFilesWritten(site, standby, 3, 180_000);
  saw(`${standby} writes through the share ${seconds(monotonicMs() - sinceMs)} after the power cut.`);
  await seeFiles(site, standby, FILES);
  await lab.powerOn(primary);
  saw(`${primary} has power again.`);
  await seeNothingLost(site, { sinceMs, standbys: [primary] });
  await seeShares(site, standby, primary);
}
