import { readFileSync } from 'node:fs';

/** A zombie has ended; only its parent has not asked yet. Source: proc_pid_stat(5); the name in it may hold any character. */
export function hasEnded(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
    return state === 'Z' || state === 'X';
  } catch {
    return true;
  }
}
