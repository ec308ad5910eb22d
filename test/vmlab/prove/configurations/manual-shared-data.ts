import { monotonicMs } from '../../../client/log.ts';
import { castOf } from '../../../cluster/index.ts';
import { HEALTHY_LIMIT_MS } from '../../vm-cluster.ts';
import { seeNothingLost } from '../aftermath.ts';
import { type Proof, seconds } from '../proof.ts';
import { FILE_SERVER } from './file-server.ts';
import { seeFiles, untilFilesWritten } from './numbered-files.ts';
import { untilResources } from './resources.ts';
import { underConfiguration } from './settings.ts';
import { endSharedData, FILES, prepareSharedData, seeShares, sharedDataResources } from './shared-data.ts';
import { sayFailover, seeItWait } from './waiting.ts';

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
      await untilResources(site, standby, ['install']);
      const saidMs = await sayFailover(site, primary, standby);
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
