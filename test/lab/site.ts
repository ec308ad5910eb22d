import { join } from 'node:path';
import { processesIn } from './cgroup.ts';
import { LabError } from './lab-error.ts';
import { type Layout, machineOf } from './layout.ts';
import { innermostPidOf } from './proc.ts';

/** What the lab's functions need to know of one lab: its names and places, and its group in the cgroup hierarchy. */
export type Site = { readonly layout: Layout; readonly cgroup: string };

export const nodeCgroup = (site: Site, node: string): string => join(site.cgroup, node);

/** The host's PID of the node's systemd, or undefined when the node is off. Read from the kernel, so it needs no record to be right. */
export function initOf(site: Site, node: string): number | undefined {
  return processesIn(nodeCgroup(site, node)).find((pid) => innermostPidOf(pid) === 1);
}

/**
 * The host's PID of the systemd of a node that must be on.
 * @throws LabError `unknown-node` | `off`
 */
export function requireOn(site: Site, node: string): number {
  const init = initOf(site, machineOf(node).name);
  if (init !== undefined) return init;
  throw new LabError('off', `Node ${node} is off. Power it on with 'npm run lab -- power-on ${node}'.`);
}
