import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** After so many processes the event loop gets its turn. */
const atOnce = 40;

/** Every process of this pid namespace, in pieces. Only /proc is read. */
export async function eachProcess(look: (pid: number) => void): Promise<void> {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
  for (let at = 0; at < pids.length; at += atOnce) {
    for (const pid of pids.slice(at, at + atOnce)) look(pid);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

export function commandOf(pid: number): string {
  return readOr(`/proc/${pid}/comm`, 'a process').trimEnd();
}

/** `perl (812)` */
export const namedProcess = (pid: number): string => `${commandOf(pid)} (${pid})`;

/** `S`, `D`, `Z` ...; undefined when it is gone. Source: proc_pid_stat(5). */
export function stateOf(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`, '');
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2)[0];
}

export function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

/** Where a link of /proc points to, as text: what it names is not touched. */
export function linkOr(path: string, otherwise: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return otherwise;
  }
}

export function descriptorsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}
