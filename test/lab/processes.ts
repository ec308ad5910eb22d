import { basename } from 'node:path';
import { processesIn, subtree } from './cgroup.ts';
import { LabError } from './lab-error.ts';
import { commandLineOf, commOf, parentOf, startTimeOf } from './proc.ts';
import { nodeCgroup, requireOn, type Site } from './site.ts';

/**
 * The host's PID of a process of a node: the main process of the unit `<name>.service`, else the topmost process whose command name is
 * `name` ('postgres' is thus the postmaster, whatever its unit). Read from the control groups by the host, so it works on a frozen node
 * and never waits for the node's systemd.
 * @throws LabError `off` | `no-process`
 */
export function processOf(site: Site, node: string, name: string): number {
  requireOn(site, node);
  const groups = subtree(nodeCgroup(site, node));
  const unit = name.endsWith('.service') ? name : `${name}.service`;
  for (const group of groups) {
    const main = basename(group) === unit ? topmost(processesIn(group)) : undefined;
    if (main !== undefined) return main;
  }
  const named = topmost(
    processesIn(nodeCgroup(site, node)).filter((pid) => commOf(pid) === name.slice(0, 15)),
  );
  if (named !== undefined) return named;
  throw new LabError(
    'no-process',
    `Node ${node} runs neither a unit nor a process named '${name}'. See 'npm run lab -- exec ${node} -- ps -ef'.`,
  );
}

/** A process that was stopped, known so well that no other one is ever let go in its place. */
export type StoppedProcess = { readonly pid: number; readonly startTime: string | undefined };

export function stopProcess(pid: number): StoppedProcess {
  const startTime = startTimeOf(pid);
  process.kill(pid, 'SIGSTOP');
  return { pid, startTime };
}

/** One that has ended meanwhile is not missed. */
export function letGo({ pid, startTime }: StoppedProcess): void {
  if (startTime !== undefined && startTimeOf(pid) === startTime) process.kill(pid, 'SIGCONT');
}

/** The first process of a node whose command line contains a text, as 'walsender'. @throws LabError `off` | `no-process` */
export function processTitled(site: Site, node: string, text: string): number {
  requireOn(site, node);
  const found = processesIn(nodeCgroup(site, node)).find((pid) => commandLineOf(pid)?.includes(text));
  if (found !== undefined) return found;
  throw new LabError('no-process', `No process on ${node} has '${text}' in its command line.`);
}

/** The control group of a unit, for its freezer. @throws LabError `off` | `no-process` */
export function groupOfUnit(site: Site, node: string, unit: string): string {
  requireOn(site, node);
  const found = subtree(nodeCgroup(site, node)).find((group) => basename(group) === unit);
  if (found !== undefined) return found;
  throw new LabError('no-process', `The unit ${unit} has no control group on ${node}: it does not run.`);
}

/** Sends a signal to one process only; its unit's other processes are left alone, as by a crash. */
export function killProcess(site: Site, node: string, name: string, signal: NodeJS.Signals): number {
  const pid = processOf(site, node, name);
  process.kill(pid, signal);
  return pid;
}

/** The first process whose parent is not one of them. */
function topmost(pids: readonly number[]): number | undefined {
  const all = new Set(pids);
  return pids.find((pid) => !all.has(parentOf(pid) ?? 0));
}
