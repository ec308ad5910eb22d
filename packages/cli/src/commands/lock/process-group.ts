import { readdirSync, readFileSync } from 'node:fs';

/** Processes of a group that can still do something: zombies cannot. About 10 microseconds for each process of the machine. */
export const groupMembers = (group: number): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isMember(pid, group));

/** Source: proc_pid_stat(5): `pid (comm) state ppid pgrp ...`; comm may contain anything, a closing bracket, too. */
function isMember(pid: number, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', , processGroup = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(processGroup) === group && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

/** A group that is gone already is no trouble. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: nobody is left.
  }
}
