import { monotonicMs } from '../../client/log.ts';
import { castOf, waitFor } from '../../cluster/index.ts';
import { HEALTHY_LIMIT_MS } from '../vm-cluster.ts';
import { seeNothingLost, seeTakeover } from './aftermath.ts';
import { guardPid, setGuards } from './guard-settings.ts';
import { demand, type Proof, type ProofSite, seconds } from './proof.ts';
import { ResetWatch, seeReboot } from './resets.ts';

/** T of the profile, and what an emulated machine's watchdog may be late. */
const BITE_LIMIT_MS = 90_000;

/** Makes the guard on the primary useless, and sees the watchdog reset the machine. */
async function seeBite(
  site: ProofSite,
  act: (node: string, pid: string) => readonly string[],
): Promise<void> {
  const { lab, cluster, recorder, saw } = site;
  await setGuards(site, { HAMN_GUARD_WATCHDOG: 'required' }, ['softdog']);
  const { primary, standby } = await castOf(cluster, HEALTHY_LIMIT_MS);
  saw(`${primary} is the primary; its guard holds ${await seeHolder(site, primary)}.`);
  await recorder.writesSince(monotonicMs(), 20, 60_000);
  const pid = await guardPid(lab, primary);
  const bootId = await lab.bootId(primary);
  const watch = await ResetWatch.of(lab, primary);
  try {
    const argv = act(primary, pid);
    const sinceMs = monotonicMs();
    await lab.mustExec(primary, argv, { timeoutMs: 20_000 });
    saw(`On ${primary}: ${argv.join(' ')}`);
    const reset = await watch.reset(BITE_LIMIT_MS);
    demand(reset !== undefined, `${primary} was not reset within ${seconds(BITE_LIMIT_MS)}.`);
    saw(
      `${primary} was reset ${seconds(monotonicMs() - sinceMs)} later; its console: ${watch.printed(/softdog/) ?? '(nothing of softdog)'}`,
    );
    demand(watch.printed(/softdog.*reboot/i) !== undefined, 'The reset was not the watchdog’s.');
    await seeTakeover(site, primary, standby, sinceMs);
    await seeReboot(lab, primary, bootId);
    await seeNothingLost(site, { sinceMs, standbys: [primary] });
  } finally {
    watch.close();
  }
}

/** Who has the watchdog open in the machine. */
async function seeHolder({ lab }: ProofSite, node: string): Promise<string> {
  const held = await waitFor(60_000, 1000, async () => {
    const pid = await guardPid(lab, node);
    const script = `ls -l /proc/${pid}/fd | grep -o '/dev/watchdog[0-9]*'`;
    const asked = await lab.exec(node, ['sh', '-c', script]);
    return asked.code === 0 ? asked.stdout.trim() : undefined;
  });
  demand(held !== undefined, `The guard of ${node} did not open the watchdog.`);
  return held;
}

export const watchdogStopped: Proof = {
  name: 'watchdog-guard-stopped',
  text: 'softdog resets a primary whose guard is stopped (SIGSTOP)',
  run: (site) => seeBite(site, (_, pid) => ['kill', '-STOP', pid]),
};

export const watchdogKilled: Proof = {
  name: 'watchdog-guard-killed',
  text: 'softdog resets a primary whose guard is killed and does not come back (its unit is masked)',
  run: (site) =>
    seeBite(site, (_, pid) => [
      'sh',
      '-c',
      `systemctl mask --runtime --quiet hamn-guard.service && systemctl daemon-reload && kill -KILL ${pid}`,
    ]),
};
