import { execFile } from 'node:child_process';
import { bootClock } from '@hamn/linux';
import type { Guard } from './guard.ts';

const askMs = 700;

/**
 * A guard that systemd restarts is followed by one that reads the record: nothing is to be done. One that is stopped for good while a term is
 * armed would leave nobody to end it, so it ends it now; also when systemd does not say which of the two it is.
 */
export async function leave(guard: Guard, unit = 'hamn-guard.service'): Promise<void> {
  const seen = await guard.handle({ kind: 'observe' });
  const armed =
    seen.ok && seen.view?.state === 'armed' && (seen.view.record?.deadline ?? 0) > bootClock.now();
  if (armed && !(await isRestarted(unit)))
    await guard.handle({ kind: 'demote', reason: 'hamn-guard is stopped while a term is armed' });
  await guard.leave();
}

function isRestarted(unit: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(
      'systemctl',
      ['list-jobs', '--plain', '--no-legend', unit],
      { timeout: askMs, killSignal: 'SIGKILL' },
      (error, stdout) => {
        resolve(error === null && /\brestart\b/.test(stdout));
      },
    );
  });
}
