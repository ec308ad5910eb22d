import { monotonicMs } from '../../../client/log.ts';
import { castOf } from '../../../cluster/index.ts';
import { HEALTHY_LIMIT_MS } from '../../vm-cluster.ts';
import { seeNothingLost, seeTakeover } from '../aftermath.ts';
import { demand, type Proof, type ProofSite, seconds } from '../proof.ts';
import {
  copyOn,
  endMirroring,
  FILES,
  forgetMirroring,
  mirroringResources,
  prepareMirroring,
  seeCopy,
  seeMirror,
} from './mirroring.ts';
import { seeFiles, untilFilesWritten } from './numbered-files.ts';
import { untilResources } from './resources.ts';
import { type Configuration, underConfiguration } from './settings.ts';
import { sayFailover, seeItWait } from './waiting.ts';

/** What is to happen between the power cut and the new primary; gives since when its time counts. */
type Move = (site: ProofSite, primary: string, standby: string, sinceMs: number) => Promise<number>;

function mirroring(name: string, text: string, failover: Configuration['failover'], move: Move): Proof {
  return {
    name,
    text,
    both: true,
    run: async (site) => {
      const { lab, cluster, saw } = site;
      const { primary, standby } = await castOf(cluster, HEALTHY_LIMIT_MS);
      try {
        await prepareMirroring(lab, cluster.options.data);
        await underConfiguration(site, { failover, group: mirroringResources }, async () => {
          await seeMirror(site, primary, standby);
          await untilFilesWritten(site, primary, 5, 120_000);
          const copied = await seeCopy(site, primary, standby);
          const sinceMs = monotonicMs();
          await lab.powerOff(primary);
          saw(`${primary}: the power is cut.`);
          const fromMs = await move(site, primary, standby, sinceMs);
          await untilResources(site, standby, ['moved', 'files']);
          await untilFilesWritten(site, standby, 3, 180_000);
          saw(`${standby} writes to its copy ${seconds(monotonicMs() - fromMs)} later.`);
          await seeFiles(site, standby, FILES);
          demand((await copyOn(lab, standby)) === copied, `${standby} lost its copy of a file.`);
          await lab.powerOn(primary);
          saw(`${primary} has power again.`);
          await seeNothingLost(site, { sinceMs, standbys: [primary] });
          await seeMirror(site, standby, primary);
          await seeCopy(site, standby, primary);
          await seeFiles(site, standby, FILES);
          await forgetMirroring(site);
        });
      } finally {
        await endMirroring(site);
      }
    },
  };
}

export const manualMirroring: Proof = mirroring(
  '3-manual-mirroring',
  'mirroring by PostgreSQL, DRBD and copies, manual failover: the primary loses its power; hamn prepares and waits for an admin',
  'manual',
  async (site, primary, standby, sinceMs) => {
    await seeItWait(site, primary, standby, sinceMs);
    return sayFailover(site, primary, standby);
  },
);

export const automaticMirroring: Proof = mirroring(
  '6-automatic-mirroring',
  'mirroring by PostgreSQL, DRBD and copies, automatic failover: the primary loses its power',
  'automatic',
  async (site, primary, standby, sinceMs) => {
    await seeTakeover(site, primary, standby, sinceMs);
    return sinceMs;
  },
);
