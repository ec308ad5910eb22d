import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Processes of this pid namespace with one of these command names whose working directory is one of `directories`.
 * Only /proc is read, never the directories themselves: they may lie on storage that hangs. About 10 microseconds for each process.
 */
export function processesWorkingIn(directories: readonly string[], commands: readonly string[]): number[] {
  if (directories.length === 0) return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && matches(pid, directories, commands));
}

function matches(pid: number, directories: readonly string[], commands: readonly string[]): boolean {
  try {
    // comm first: for nearly every process this one read is all.
    if (!commands.includes(readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd())) return false;
    const directory = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
    return directories.includes(directory) && !isInnerNamespace(pid);
  } catch {
    return false;
  }
}

/** A container's server may show the same path; it lives in a pid namespace of its own. */
const isInnerNamespace = (pid: number): boolean =>
  readlinkSync(`/proc/${pid}/ns/pid`) !== readlinkSync('/proc/self/ns/pid');
