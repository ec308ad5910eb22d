import { basename } from 'node:path';
import { processesIn, subtree } from './cgroup.ts';
import { LabError } from './lab-error.ts';
import { commOf, parentOf } from './proc.ts';
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
