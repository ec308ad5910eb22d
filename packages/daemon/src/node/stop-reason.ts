import { createUnits } from '@hamn/systemd';
import { systemClock } from './clock.ts';

const askMs = 1000;

/** Whether systemd is stopping this unit, not restarting it. When systemd does not say, it is taken for a restart: that disturbs nobody. */
export async function isStoppedForGood(unit = 'hamnd.service'): Promise<boolean> {
  const units = createUnits({}, { clock: systemClock });
  try {
    const job = await units.jobType(unit, askMs);
    return job.ok && job.value === 'stop';
  } finally {
    units.close();
  }
}
