import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOrEmpty, subgroups } from './find.ts';

/** Live processes of a control group and of all below it. Zombies are not listed by the kernel. Empty when the group is gone. */
export function processesIn(group: string): number[] {
  const own = readOrEmpty(join(group, 'cgroup.procs'))
    .split('\n')
    .map(Number)
    // 0 is a process of another pid namespace: it cannot be named from here.
    .filter((pid) => pid > 0);
  return [...own, ...subgroups(group).flatMap((name) => processesIn(join(group, name)))];
}

/**
 * SIGKILLs everything in a control group and below. `cgroup.kill` (Linux 5.14, v2) catches forks as well; elsewhere each process is
 * signalled, so the caller looks at `processesIn` afterwards and calls again while any is left.
 * Hazard: never ask for a group that holds the caller itself; it refuses with false.
 */
export function killControlGroup(group: string): boolean {
  const pids = processesIn(group);
  if (pids.includes(process.pid)) return false;
  if (pids.length === 0) return true;
  const file = join(group, 'cgroup.kill');
  try {
    if (existsSync(file)) {
      writeFileSync(file, '1');
      return true;
    }
  } catch {
    // The group went away meanwhile, or the kernel refused: signal what is left.
  }
  for (const pid of pids) killProcess(pid);
  return true;
}

/** SIGKILL; a process that is gone is no error. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
