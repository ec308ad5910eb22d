import { existsSync } from 'node:fs';
import type { GuardPlan, Result } from '@hamn/core';
import {
  type ControlGroupRoot,
  controlGroupOf,
  type KernelAddress,
  killControlGroup,
  killProcess,
  type Network,
  parseIp,
  processesIn,
  processesWorkingIn,
} from '@hamn/linux';
import type { DirectoryNames } from './directory-names.ts';
import { type Mounted, mountedOf } from './mounts.ts';
import type { Unmounter } from './unmounter.ts';

/** PostgreSQL's server by its command names. */
const serverCommands: readonly string[] = ['postgres', 'postmaster'];
const networkMs = 100;

export interface RoundDeps {
  readonly network: Network;
  readonly controlGroups: ControlGroupRoot | undefined;
  readonly directories: DirectoryNames;
  readonly unmounter: Unmounter;
}

export interface Left {
  /** Processes and addresses, in words. */
  readonly running: readonly string[];
  readonly mounted: Mounted;
}

/**
 * One round of the act: kills and removes all that the plan names, then looks. Returns what is left; nothing left is the proof of a
 * harmless node. Waits for nothing but the kernel's answer about addresses, and that with a limit. Reads no data directory.
 */
export async function harmlessRound(plan: GuardPlan, deps: RoundDeps): Promise<Left> {
  const blind = cannotSee(deps);
  const refused = killGroups(plan.units, deps);
  // Asked before the slower look through /proc, so that both go on together.
  const removal = removeVips(plan, deps.network);
  killStrays(plan, deps);
  const vips = (await removal).left;
  const processes = plan.units.flatMap((unit) => groupLeft(unit, deps));
  const left = [...blind, ...refused, ...processes, ...vips];
  const mounted = mountedOf(plan.mounts);
  if (left.length > 0) return { running: left, mounted };
  const servers = strays(plan, deps).map((pid) => `process ${pid} (postgres in ${plan.dataDirectory})`);
  return { running: servers, mounted };
}

/** A unit without a control group runs nothing, but only where control groups can be seen at all. */
function cannotSee({ controlGroups }: RoundDeps): string[] {
  if (controlGroups === undefined) return ['whatever runs: no control groups are mounted in /sys/fs/cgroup'];
  const visible = existsSync(`${controlGroups.path}/cgroup.procs`);
  return visible ? [] : [`whatever runs: the control groups at ${controlGroups.path} cannot be seen`];
}

/** Kills the control groups of these units; returns those that hold this very process and are left alone. */
export const killGroups = (units: readonly string[], deps: RoundDeps): string[] =>
  units
    .filter((unit) => {
      const group = controlGroupOf(unit, deps.controlGroups);
      return group !== undefined && !killControlGroup(group);
    })
    .map((unit) => `${unit} (it holds the guard itself)`);

function groupLeft(unit: string, deps: RoundDeps): string[] {
  const group = controlGroupOf(unit, deps.controlGroups);
  const pids = group === undefined ? [] : processesIn(group);
  return pids.length === 0
    ? []
    : [`${unit} (${pids.length === 1 ? 'process' : 'processes'} ${pids.slice(0, 5).join(', ')})`];
}

/**
 * Servers on the data directory outside the unit, started by hand or left by a dead postmaster. Every one has the data directory as its
 * working directory, so `postmaster.pid`, on storage that may hang, need not be read.
 */
const strays = (plan: GuardPlan, deps: RoundDeps): number[] =>
  processesWorkingIn(deps.directories.of(plan.dataDirectory), serverCommands);

function killStrays(plan: GuardPlan, deps: RoundDeps): void {
  for (const pid of strays(plan, deps)) killProcess(pid);
}

/** In words: the VIPs that were removed, and those that are left. */
export interface VipRemoval {
  readonly removed: readonly string[];
  readonly left: readonly string[];
}

/** Removes the VIPs from every interface, whatever their prefix length. */
export async function removeVips(plan: GuardPlan, network: Network): Promise<VipRemoval> {
  if (plan.vips.length === 0) return { removed: [], left: [] };
  const before = await presentVips(plan, network);
  if (!before.ok) return { removed: [], left: [before.error.message] };
  if (before.value.length === 0) return { removed: [], left: [] };
  await Promise.all(before.value.map((address) => network.removeAddress(address, networkMs)));
  const after = await presentVips(plan, network);
  if (!after.ok) return { removed: [], left: [after.error.message] };
  const left = after.value.map(inWords);
  return { removed: before.value.map(inWords).filter((text) => !left.includes(text)), left };
}

const inWords = (address: KernelAddress): string => `address ${address.ip.text}/${address.prefixLength}`;

async function presentVips(plan: GuardPlan, network: Network): Promise<Result<readonly KernelAddress[]>> {
  const listed = await network.addresses(networkMs);
  if (!listed.ok) return listed;
  const wanted = vipTexts(plan);
  return { ok: true, value: listed.value.filter((address) => wanted.has(address.ip.text)) };
}

/** The plan's addresses as the kernel writes them. */
export const vipTexts = (plan: GuardPlan): ReadonlySet<string> =>
  new Set(
    plan.vips.flatMap((vip) => {
      const ip = parseIp(vip.address);
      return ip.ok ? [ip.value.text] : [];
    }),
  );
