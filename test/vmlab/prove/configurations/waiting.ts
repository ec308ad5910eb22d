import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../../client/log.ts';
import { waitFor } from '../../../cluster/index.ts';
import { seeTakeover } from '../aftermath.ts';
import { demand, type ProofSite, seconds } from '../proof.ts';
import { askedNode } from './settings.ts';

/** T, what is added to it, and a margin for emulation. */
const PREPARED_LIMIT_MS = 240_000;
/** Longer than a take-over by itself would have taken from there. */
const WAITS_MS = 60_000;

/** `failover: manual` after the loss of the primary: ready, told, and nothing done. */
export async function seeItWait(
  site: ProofSite,
  primary: string,
  standby: string,
  sinceMs: number,
): Promise<void> {
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
  saw(
    `${seconds(monotonicMs() - sinceMs)} after the power cut nobody serves: ${standby} waits for an admin.`,
  );
}

/** The admin's word, and the take-over that follows it; gives when it was said. */
export async function sayFailover(site: ProofSite, primary: string, standby: string): Promise<number> {
  const saidMs = monotonicMs();
  const argv = ['hamnctl', 'failover', '--to', standby, '--yes', '--wait', '--timeout', '300'];
  await site.lab.mustExec(askedNode(site), argv, { timeoutMs: 320_000 });
  await seeTakeover(site, primary, standby, saidMs);
  return saidMs;
}
