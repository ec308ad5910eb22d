import { readdirSync, readFileSync } from 'node:fs';

interface Kin {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/**
 * An agent, its process group, its session and all their descendants: helpers such as ssh get a session of their own.
 * Only /proc/<pid>/stat is read, which never waits for a process that hangs. Source: proc_pid_stat(5).
 */
export function processTree(leader: number): readonly number[] {
  const all = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1)
    .flatMap(kinOf);
  const found = new Set<number>();
  const add = ({ pid }: Kin): void => {
    if (found.has(pid)) return;
    found.add(pid);
    for (const child of all) if (child.parent === pid) add(child);
  };
  for (const kin of all) if (kin.pid === leader || kin.group === leader || kin.session === leader) add(kin);
  return [...found];
}

function kinOf(pid: number): readonly Kin[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name stands in brackets and may hold anything.
    const [, parent, group, session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [{ pid, parent: Number(parent), group: Number(group), session: Number(session) }];
  } catch {
    return [];
  }
}

/** Signals all of them; one that is gone already is fine. */
export function signalTree(leader: number, signal: NodeJS.Signals): void {
  for (const pid of processTree(leader)) {
    try {
      process.kill(pid, signal);
    } catch {
      // ESRCH: it ended by itself.
    }
  }
}
