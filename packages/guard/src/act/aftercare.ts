import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import type { GuardPlan } from '@hamn/core';
import { bootClock, controlGroupOf, killControlGroup, processesIn } from '@hamn/linux';
import type { RoundDeps } from './round.ts';

/** How long something that was about to start when it was killed may still show up. */
const watchMs = 5000;
const closelyMs = 1000;
const everyMs = { closely: 20, later: 100 } as const;
const signalMs = 100;
const systemctlMs = 10_000;

/**
 * After the act: nothing may come back by itself. Until `isOver` (the node was armed again, or another act began) or five seconds have
 * passed, units that reappear are killed again. PostgreSQL may run: as a standby, which its signal file tells.
 */
export async function watchOver(
  plan: GuardPlan,
  isOver: () => boolean,
  deps: RoundDeps,
  onReturn: (what: string) => void,
): Promise<void> {
  const start = bootClock.now();
  for (;;) {
    const lastedMs = bootClock.now() - start;
    await new Promise((resolve) =>
      setTimeout(resolve, lastedMs < closelyMs ? everyMs.closely : everyMs.later),
    );
    if (isOver() || lastedMs > watchMs) return;
    for (const unit of plan.units) {
      const group = controlGroupOf(unit, deps.controlGroups);
      if (group === undefined || processesIn(group).length === 0) continue;
      if (await mayRun(plan, unit)) continue;
      if (isOver()) return;
      onReturn(unit);
      killControlGroup(group);
    }
  }
}

/** The storage has not answered yet: one question that hangs keeps a thread of the process's few, and there may be only one. */
let isAsking = false;

/** Only the first unit of a plan with a data directory is PostgreSQL's. Storage that does not answer says no. */
async function mayRun(plan: GuardPlan, unit: string): Promise<boolean> {
  if (plan.dataDirectory === undefined || unit !== plan.units[0] || isAsking) return false;
  isAsking = true;
  const answered = (answer: boolean) => (): boolean => {
    isAsking = false;
    return answer;
  };
  const asked = access(`${plan.dataDirectory}/standby.signal`).then(answered(true), answered(false));
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), signalMs);
  });
  const answer = await Promise.race([asked, limit]);
  clearTimeout(timer);
  return answer;
}

/**
 * Tells systemd that the services are to be down, so that it shows the truth and restarts none. Nobody waits for it. PostgreSQL's unit is
 * left out: its Restart= is off while hamn owns it, and a late stop would hit the standby that starts next.
 */
export function tellSystemd(plan: GuardPlan, systemctl = 'systemctl'): void {
  const units = plan.dataDirectory === undefined ? plan.units : plan.units.slice(1);
  if (units.length === 0 || !existsSync('/run/systemd/system')) return;
  let child: ChildProcess;
  try {
    child = spawn(systemctl, ['stop', '--no-block', '--', ...units], {
      stdio: 'ignore',
      timeout: systemctlMs,
      killSignal: 'SIGKILL',
    });
  } catch {
    return;
  }
  child.on('error', () => {});
  child.unref();
}
