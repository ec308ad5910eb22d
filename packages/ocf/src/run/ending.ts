import type { ClockPort } from '@hamn/engine';
import { familyOf, type Member, signalAll, stillRunning } from '@hamn/linux';

const lookEveryMs = 20;
/** A process that SIGKILL does not end within this waits in the kernel, for a disk or a server. */
const killTakesMs = 1000;

/**
 * Ends a program and all that belongs to its run: SIGTERM, after the grace SIGKILL. Tells who was left, within `graceMs` and a second; nobody,
 * as a rule.
 */
export async function endFamily(
  leader: number,
  graceMs: number,
  clock: ClockPort,
): Promise<readonly Member[]> {
  const asked = familyOf(leader);
  signalAll(asked, 'SIGTERM');
  if ((await goneWithin(asked, graceMs, clock)) && stillRunning(familyOf(leader)).length === 0) return [];
  // Those that came in the meantime, and those that were asked and have another parent by now.
  const met = new Map([...asked, ...familyOf(leader)].map((one) => [`${one.pid} ${one.startedAt}`, one]));
  const killed = [...met.values()];
  signalAll(killed, 'SIGKILL');
  await goneWithin(killed, killTakesMs, clock);
  return stillRunning(killed);
}

async function goneWithin(members: readonly Member[], limitMs: number, clock: ClockPort): Promise<boolean> {
  const begun = clock.now();
  while (stillRunning(members).length > 0) {
    if (clock.now() - begun >= limitMs) return false;
    await new Promise<void>((resolve) => clock.after(lookEveryMs, resolve));
  }
  return true;
}
