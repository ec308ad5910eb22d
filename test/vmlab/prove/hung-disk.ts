import { monotonicMs } from '../../client/log.ts';
import { castOf, waitFor } from '../../cluster/index.ts';
import { HEALTHY_LIMIT_MS } from '../vm-cluster.ts';
import { seeNothingLost, seeTakeover } from './aftermath.ts';
import { setGuards } from './guard-settings.ts';
import { demand, type Proof, type ProofSite, seconds } from './proof.ts';
import { ResetWatch, seeReboot } from './resets.ts';

const RESET_LIMIT_MS = 90_000;

/** The commands are run once before: what they need is in memory when the disk stands still. */
const FREEZE = `ps -eo stat,comm | grep -c ^D; sleep 0
fsfreeze --freeze / && echo frozen
for i in 1 2 3 4 5 6 7 8; do sleep 1; ps -eo stat=,comm= | grep '^D' | tr -s ' ' | sort | uniq -c | tr '\\n' ';'; echo; done`;

/**
 * The primary's disk hangs and its network is cut: its deadline passes, and PostgreSQL's processes cannot be killed, because they wait for
 * the disk (state D). What follows must reset the machine: `cause` is what its console says of it.
 */
async function seeUnverifiedReset(
  site: ProofSite,
  settings: Readonly<Record<string, string>>,
  modules: readonly string[],
  cause: RegExp,
): Promise<void> {
  const { lab, cluster, recorder, saw } = site;
  await setGuards(site, settings, modules);
  const { primary, standby } = await castOf(cluster, HEALTHY_LIMIT_MS);
  await recorder.writesSince(monotonicMs(), 20, 60_000);
  const bootId = await lab.bootId(primary);
  const watch = await ResetWatch.of(lab, primary);
  try {
    const sinceMs = monotonicMs();
    let isFrozen = false;
    const onLine = (line: string): void => {
      isFrozen ||= line === 'frozen';
    };
    const watched = lab.exec(primary, ['sh', '-c', FREEZE], { timeoutMs: 20_000, onLine });
    const seen = await waitFor(60_000, 100, async () => (isFrozen ? true : undefined));
    demand(seen === true, `The disk of ${primary} could not be frozen.`);
    const goesOn = await recorder.writesSince(monotonicMs() + 1000, 1, 6000);
    demand(!goesOn, `${primary} acknowledges writes on a frozen disk.`);
    saw(`${primary}: the disk is frozen, and no write is acknowledged any more.`);
    await lab.isolate(primary);
    const isolatedMs = monotonicMs();
    saw(`${primary}: the network is cut.`);
    const reset = await watch.reset(RESET_LIMIT_MS);
    demand(reset !== undefined, `${primary} was not reset within ${seconds(RESET_LIMIT_MS)}.`);
    saw(`${primary} was reset ${seconds(monotonicMs() - isolatedMs)} after its network was cut.`);
    const said = watch.printed(cause);
    saw(`Its console: ${said ?? '(no word of the cause)'}`);
    saw(`Its processes in state D before: ${lastLine((await watched).stdout)}`);
    demand(said !== undefined, `The reset of ${primary} had another cause than ${String(cause)}.`);
    await lab.heal(primary);
    await seeTakeover(site, primary, standby, sinceMs);
    await seeReboot(lab, primary, bootId);
    await seeNothingLost(site, { sinceMs, standbys: [primary] });
  } finally {
    watch.close();
    if (lab.vm(primary).isOn) await lab.heal(primary);
  }
}

const lastLine = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.includes('D'))
    .at(-1) ?? '(unknown)';

export const sysrqReboot: Proof = {
  name: 'sysrq-reboot',
  text: 'HAMN_GUARD_ON_UNVERIFIED=reboot resets a primary whose PostgreSQL cannot be killed (its disk hangs)',
  run: (site) => seeUnverifiedReset(site, { HAMN_GUARD_ON_UNVERIFIED: 'reboot' }, [], /sysrq: Resetting/),
};

export const watchdogUnverified: Proof = {
  name: 'watchdog-unverified',
  text: 'softdog resets a primary that cannot be verified as harmless (its disk hangs)',
  run: (site) =>
    seeUnverifiedReset(
      site,
      { HAMN_GUARD_WATCHDOG: 'required', HAMN_GUARD_ON_UNVERIFIED: 'none' },
      ['softdog'],
      /softdog.*reboot/i,
    ),
};
