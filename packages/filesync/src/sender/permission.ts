import { readFileSync } from 'node:fs';

/** `12.3456` -> 1234; a deadline that is later by whole hundredths is later for sure. */
const hundredths = (text: string | undefined): number =>
  text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Math.floor(Number(text) * 100) : Number.NaN;

/**
 * Whether this node holds the term with this token at this instant, by the guard's own file. /proc/uptime counts suspend like CLOCK_BOOTTIME does
 * (proc_uptime(5)). What cannot be read is a no.
 */
export function holdsTerm(deadlineFile: string, token: number, uptimeFile = '/proc/uptime'): boolean {
  try {
    const [deadline, held] = readFileSync(deadlineFile, 'utf8').trim().split(/\s+/);
    const [now] = readFileSync(uptimeFile, 'utf8').split(' ');
    return Number(held) === token && hundredths(deadline) > hundredths(now);
  } catch {
    return false;
  }
}
