import { unlinkSync } from 'node:fs';
import type { GuardAct, GuardPlan } from '@hamn/core';
import { bootClock, controlGroupRoot, openNetwork } from '@hamn/linux';
import { tellSystemd } from '../act/aftercare.ts';
import { DirectoryNames } from '../act/directory-names.ts';
import { makeHarmless } from '../act/make-harmless.ts';
import { Unmounter } from '../act/unmounter.ts';

const learnMs = 20;

/** The guard's act in this process, for when the guard is silent. Ends at the limit, verified or not, once the round that is under way has ended. */
export async function actHere(
  plan: GuardPlan,
  reason: string,
  timeoutMs: number,
  directory: string,
  controlGroups: string | undefined,
): Promise<GuardAct> {
  closeGate(directory);
  const network = openNetwork();
  const directories = new DirectoryNames();
  await Promise.race([
    directories.learn(plan.dataDirectory),
    new Promise((resolve) => setTimeout(resolve, learnMs)),
  ]);
  const unmounter = new Unmounter();
  const until = bootClock.now() + timeoutMs;
  try {
    return await makeHarmless(
      {
        reason,
        plan: () => plan,
        limitMs: timeoutMs,
        onUnverified: () => {},
        giveUp: () => bootClock.now() >= until,
      },
      {
        network,
        directories,
        unmounter,
        controlGroups: controlGroups === undefined ? controlGroupRoot() : { path: controlGroups },
      },
    );
  } finally {
    network.close();
    unmounter.end();
    tellSystemd(plan);
  }
}

function closeGate(directory: string): void {
  try {
    unlinkSync(`${directory}/term-deadline`);
  } catch {
    // It was not there.
  }
}
