import { readdirSync, readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export interface Member {
  readonly pid: number;
  /** Ticks since boot. */
  readonly startedAt: string;
}

interface Kin extends Member {
  readonly isZombie: boolean;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/**
 * What belongs to the run of a program that leads a session: its process group, its session, and all who descend from these, since ssh, `su -c` and
 * `runuser` put their command into a session of its own. A daemon that has another session and another parent is not among them. Only
 * /proc/<pid>/stat is read, which never waits for a process that hangs. Source: proc_pid_stat(5).
 */
export function familyOf(leader: number): readonly Member[] {
  const all = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1)
    .flatMap((pid) => kinOf(pid) ?? []);
  const found = new Map<number, Member>();
  const add = ({ pid, startedAt }: Kin): void => {
    if (found.has(pid)) return;
    found.set(pid, { pid, startedAt });
    for (const child of all) if (child.parent === pid) add(child);
  };
  for (const kin of all) if (kin.pid === leader || kin.group === leader || kin.session === leader) add(kin);
  return [...found.values()];
}

/** Those that still run; a zombie does not. */
export const stillRunning = (members: readonly Member[]): readonly Member[] =>
  members.filter(({ pid, startedAt }) => {
    const kin = kinOf(pid);
    return kin !== undefined && kin.startedAt === startedAt && !kin.isZombie;
  });

/** Signals those that still run. */
export function signalAll(members: readonly Member[], signal: NodeJS.Signals): void {
  for (const { pid } of stillRunning(members)) {
    try {
      process.kill(pid, signal);
    } catch {
      // ESRCH: it ended by itself.
    }
  }
}

function kinOf(pid: number): Kin | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name stands in brackets and may hold anything. Behind it: state, ppid, pgrp ... starttime is field 22.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, parent, group, session] = fields;
    return {
      pid,
      startedAt: fields[19] ?? '',
      isZombie: state === 'Z' || state === 'X',
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
    };
  } catch {
    return undefined;
  }
}
