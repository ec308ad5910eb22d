import { readFileSync } from 'node:fs';

/** What the lab reads of a process in /proc; undefined where the process has gone meanwhile. Sources: proc_pid_stat(5), proc_pid_status(5). */
export function startTimeOf(pid: number): string | undefined {
  return statFields(pid)?.[19];
}

export function parentOf(pid: number): number | undefined {
  const field = statFields(pid)?.[1];
  return field === undefined ? undefined : Number(field);
}

/** A zombie has ended; only its parent has not asked yet. */
export function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z';
}

export function commOf(pid: number): string | undefined {
  return read(`/proc/${pid}/comm`)?.trim();
}

/** Its arguments with blanks between them; what a program wrote over them, where it shows a title there. */
export function commandLineOf(pid: number): string | undefined {
  return read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim();
}

/** The process's number in its innermost PID namespace; 1 is the init of a node. */
export function innermostPidOf(pid: number): number | undefined {
  const line = read(`/proc/${pid}/status`)
    ?.split('\n')
    .find((each) => each.startsWith('NSpid:'));
  const last = line?.trim().split(/\s+/).at(-1);
  return last === undefined ? undefined : Number(last);
}

/** The fields of /proc/PID/stat from the third (state) on; the second may itself hold spaces and parentheses. */
function statFields(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
