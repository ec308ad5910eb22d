import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../client/log.ts';
import { waitFor } from '../../cluster/index.ts';
import type { VmLab } from '../vm-lab.ts';
import { armLoneGuard, guardState, LONE_NODE, RENEWER, TERM_MS } from './lone-guard.ts';
import { demand, seconds } from './proof.ts';
import { ResetWatch, seeReboot } from './resets.ts';

/** What the guard of one machine does by itself; hamnd's part is played by a stand-in. */
export interface LoneProof {
  readonly name: string;
  readonly text: string;
  readonly run: (lab: VmLab, saw: (line: string) => void) => Promise<void>;
}

const RESET_LIMIT_MS = TERM_MS * 3;
/** Longer than the watchdog's timeout in an armed term, so that only petting explains that nothing happens. */
const QUIET_MS = TERM_MS;

interface Fault {
  readonly settings: Readonly<Record<string, string>>;
  readonly modules: readonly string[];
  /** Run on the machine; each line that it prints is shown. */
  readonly script: string;
  /** What the console says of the reset that must follow. */
  readonly cause: RegExp;
}

async function seeReset(lab: VmLab, saw: (line: string) => void, fault: Fault): Promise<void> {
  await armLoneGuard(lab, fault.settings, fault.modules);
  const vm = lab.vm(LONE_NODE);
  const bootId = await lab.bootId(LONE_NODE);
  const watch = await ResetWatch.of(lab, LONE_NODE);
  try {
    await sleep(QUIET_MS);
    const before = await guardState(lab);
    demand((await watch.reset(0)) === undefined, 'The machine was reset while its guard was well.');
    demand(before === 'armed', `The guard is ${before} after ${seconds(QUIET_MS)} of renewals.`);
    saw(`The guard is armed and renewed; for ${seconds(QUIET_MS)} nothing happened.`);
    const sinceMs = monotonicMs();
    const said: string[] = [];
    const told = vm.exec(['sh', '-c', fault.script], {
      timeoutMs: 30_000,
      onLine: (line) => said.push(line),
    });
    await waitFor(60_000, 50, async () => (said.includes('begun') ? true : undefined));
    demand(said.includes('begun'), `The fault did not begin: ${said.join(' | ')}`);
    const begunMs = monotonicMs();
    const reset = await watch.reset(RESET_LIMIT_MS);
    demand(reset !== undefined, `No reset within ${seconds(RESET_LIMIT_MS)}; it said: ${said.join(' | ')}`);
    saw(
      `The machine was reset ${seconds(monotonicMs() - begunMs)} after the fault (T is ${seconds(TERM_MS)}).`,
    );
    for (const line of said.filter((each) => each !== 'begun')) saw(`Before: ${line}`);
    const word = watch.printed(fault.cause);
    saw(`Its console: ${word ?? '(no word of the cause)'}`);
    demand(word !== undefined, `The reset had another cause than ${String(fault.cause)}.`);
    await vm.forget();
    void told.catch(() => undefined);
    await seeReboot(lab, LONE_NODE, bootId);
    const after = await guardState(lab);
    demand(after === 'harmless', `The guard is ${after} after the boot.`);
    saw(`It booted anew, and its guard is harmless (${seconds(monotonicMs() - sinceMs)} after the fault).`);
  } finally {
    watch.close();
  }
}

const REQUIRED = { HAMN_GUARD_WATCHDOG: 'required', HAMN_GUARD_ON_UNVERIFIED: 'none' };
const SOFTDOG = /softdog.*reboot/i;
const GUARD = 'pid=$(systemctl show --property=MainPID --value hamn-guard.service)';

/** What the script needs is in memory when the disk stands still: everything is run once before. */
const HANG = `renewer=$(systemctl show --property=MainPID --value ${RENEWER})
stuck() { ps -eo stat=,comm= | grep '^D' | sort | uniq -c | tr -s ' \\n' ' '; echo "in state D"; }
stuck >/dev/null; sleep 0
fsfreeze --freeze / || exit 1
sleep 3; stuck
kill -KILL $renewer && echo begun
for each in 1 2 3 4 5 6 7 8 9 10; do sleep 3; stuck; done`;

export const LONE_PROOFS: readonly LoneProof[] = [
  {
    name: 'watchdog-guard-stopped',
    text: 'softdog resets a machine with an armed term whose guard is stopped (SIGSTOP)',
    run: (lab, saw) =>
      seeReset(lab, saw, {
        settings: REQUIRED,
        modules: ['softdog'],
        script: `${GUARD}; kill -STOP $pid && echo begun; sleep 100`,
        cause: SOFTDOG,
      }),
  },
  {
    name: 'watchdog-guard-killed',
    text: 'softdog resets a machine with an armed term whose guard is killed and does not come back (masked)',
    run: (lab, saw) =>
      seeReset(lab, saw, {
        settings: REQUIRED,
        modules: ['softdog'],
        script: `${GUARD}; systemctl mask --runtime --quiet hamn-guard.service; systemctl daemon-reload; kill -KILL $pid && echo begun; sleep 100`,
        cause: SOFTDOG,
      }),
  },
  {
    name: 'watchdog-unverified',
    text: 'softdog resets a machine whose PostgreSQL cannot be killed at the deadline (its disk hangs)',
    run: (lab, saw) =>
      seeReset(lab, saw, { settings: REQUIRED, modules: ['softdog'], script: HANG, cause: SOFTDOG }),
  },
  {
    name: 'sysrq-reboot',
    text: 'HAMN_GUARD_ON_UNVERIFIED=reboot resets a machine whose PostgreSQL cannot be killed at the deadline',
    run: (lab, saw) =>
      seeReset(lab, saw, {
        settings: { HAMN_GUARD_WATCHDOG: 'off', HAMN_GUARD_ON_UNVERIFIED: 'reboot' },
        modules: [],
        script: HANG,
        cause: /sysrq: Resetting/,
      }),
  },
];
