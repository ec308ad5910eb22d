import { type FenceStep, type FencingSettings, fencedNode, type NodeId } from '@hamn/core';
import type { Outlet } from './device/device-user.ts';

/** The outlets of one node, level by level. */
export const levelsOf = (fencing: FencingSettings, target: NodeId): readonly (readonly Outlet[])[] =>
  (fencedNode(fencing, target)?.levels ?? []).map((level) =>
    level.flatMap((step) => outletOf(fencing, target, step)),
  );

function outletOf(fencing: FencingSettings, target: NodeId, step: FenceStep): readonly Outlet[] {
  const device = fencing.devices.find((one) => one.name === step.device);
  return device === undefined ? [] : [{ device, step, target }];
}

/** Every outlet that stands for a node, once. */
export function allOutlets(fencing: FencingSettings): readonly Outlet[] {
  return fencing.nodes.flatMap(({ node }) => {
    const found = new Map(
      levelsOf(fencing, node)
        .flat()
        .map((outlet) => [`${outlet.device.name} ${outlet.step.plug ?? ''}`, outlet]),
    );
    return [...found.values()];
  });
}
