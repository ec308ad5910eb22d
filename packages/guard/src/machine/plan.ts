import { done, fail, type GuardMount, type GuardPlan, isNodeGround, type Result } from '@hamn/core';
import { parseIp } from '@hamn/linux';
import type { Refusal } from './state.ts';

const mostUnits = 200;
const mostMounts = 50;
/** Killing these would be suicide or would take hamnd's word away. */
const untouchable: readonly string[] = ['hamnd.service', 'hamn-guard.service', 'init.scope'];

/** Whether the plan can be carried out at all. Found out when it arrives, not at the deadline. */
export function checkPlan(plan: GuardPlan): Result<undefined, Refusal> {
  if (plan.units.length > mostUnits)
    return refuse(`it names ${plan.units.length} units, the most is ${mostUnits}`);
  for (const unit of plan.units) {
    if (!/^[^/\s\0]+\.[a-z]+$/.test(unit)) return refuse(`'${unit}' is not the name of a unit`);
    if (unit.endsWith('.slice')) return refuse(`${unit} is a slice, and other units may live in it`);
    if (untouchable.includes(unit)) return refuse(`${unit} is part of what keeps this node safe`);
  }
  if (plan.dataDirectory !== undefined && !plan.dataDirectory.startsWith('/'))
    return refuse(`the data directory '${plan.dataDirectory}' is no absolute path`);
  const wrong = wrongMounts(plan.mounts);
  if (wrong !== undefined) return refuse(wrong);
  for (const vip of plan.vips) {
    const address = parseIp(vip.address);
    if (!address.ok) return fail('refused', `The plan is refused: ${address.error.message}`);
  }
  return done;
}

function wrongMounts(mounts: readonly GuardMount[]): string | undefined {
  if (mounts.length > mostMounts) return `it names ${mounts.length} mounts, the most is ${mostMounts}`;
  for (const { source, target } of mounts) {
    if (source === '') return `what is mounted on ${target} has no name`;
    if (!/^\/[^\0\n]*$/.test(target) || /\/\.\.?(\/|$)/.test(target))
      return `'${target}' is no absolute path without '..'`;
    if (isNodeGround(target)) return `${target} is part of what this node stands on`;
  }
  return undefined;
}

const refuse = (why: string): ReturnType<typeof fail<Refusal>> =>
  fail('refused', `The plan is refused: ${why}.`);

/** What the new plan names, and then what only the old one does. The data directory is the new one's. */
export function bothOf(next: GuardPlan, old: GuardPlan): GuardPlan {
  const vips = new Set(next.vips.map((vip) => vip.address));
  const mounts = new Set(next.mounts.map(nameOf));
  return {
    ...next,
    units: [...new Set([...next.units, ...old.units])],
    vips: [...next.vips, ...old.vips.filter((vip) => !vips.has(vip.address))],
    mounts: [...next.mounts, ...old.mounts.filter((mount) => !mounts.has(nameOf(mount)))],
  };
}

const nameOf = ({ source, target }: GuardMount): string => `${source} on ${target}`;
