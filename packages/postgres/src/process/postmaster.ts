import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Limit } from '../limit.ts';

/** A running postmaster, recognised without asking it. */
export interface Postmaster {
  readonly pid: number;
  /** The kernel has stopped it (SIGSTOP, a debugger): it starts no sessions until it is continued. */
  readonly stopped: boolean;
  /** It is a single-user server (`postgres --single`), which takes no sessions at all. */
  readonly singleUser: boolean;
}

/**
 * The server of a data directory. `postmaster.pid` names it (PostgreSQL documentation, "Database File Layout"), and the process must have the
 * data directory as its working directory: every server process does, and a reused process id does not.
 */
export async function findPostmaster(dataDirectory: string): Promise<Postmaster | undefined> {
  const pid = await readPidFile(dataDirectory);
  if (pid === undefined) return undefined;
  const number = Math.abs(pid);
  if (!(await worksIn(number, dataDirectory))) return undefined;
  const state = await processState(number);
  if (state === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid: number, stopped: state === 'T' || state === 't', singleUser: pid < 0 };
}

async function readPidFile(dataDirectory: string): Promise<number | undefined> {
  try {
    const [first] = (await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n');
    const pid = Number(first);
    return Number.isInteger(pid) && Math.abs(pid) > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function worksIn(pid: number, directory: string): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(directory));
  } catch {
    return false;
  }
}

/** The state letter of /proc/<pid>/stat (proc(5)), after the last parenthesis of the name. */
async function processState(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return undefined;
  }
}

/** Processes of PostgreSQL that work in the data directory, whoever their parent is. */
export async function serverProcesses(dataDirectory: string): Promise<readonly number[]> {
  const wanted = await realpath(dataDirectory).catch(() => undefined);
  if (wanted === undefined) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      try {
        if ((await readlink(`/proc/${pid}/cwd`)) !== wanted) return undefined;
        const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
        return name === 'postgres' || name === 'postmaster' ? pid : undefined;
      } catch {
        return undefined;
      }
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

/** False when the process was already gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/**
 * Kills what a dead postmaster left behind: its children hold the shared memory, and a new server refuses to start while they live.
 * Duty of the caller: the postmaster is gone, or is meant to be killed with them. True when none is left.
 */
export async function killServerProcesses(dataDirectory: string, limit: Limit): Promise<boolean> {
  for (;;) {
    const left = await serverProcesses(dataDirectory);
    if (left.length === 0) return true;
    for (const pid of left) signal(pid, 'SIGKILL');
    if (limit.over()) return false;
    await limit.pause(5);
  }
}

/** Waits until the postmaster is gone. */
export async function waitForDeath(dataDirectory: string, pid: number, limit: Limit): Promise<boolean> {
  for (;;) {
    const state = await processState(pid);
    if (state === undefined || state === 'Z' || state === 'X' || !(await worksIn(pid, dataDirectory)))
      return true;
    if (limit.over()) return false;
    await limit.pause(5);
  }
}
