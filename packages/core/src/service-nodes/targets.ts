import type { Judgement, Judgements } from './judge.ts';
import { byName, type Placed, type Placement, serverOf } from './placement.ts';
import { nodesOf, type ServiceNodesValue } from './records.ts';
import type { ServiceNode, ServiceNodeId, ServiceNodesSettings } from './settings.ts';

/** How many nodes each service node serves, or will when the moves that are begun have ended. */
export function loads(placement: Placement, records: ServiceNodesValue): Map<ServiceNodeId, number> {
  const found = new Map<ServiceNodeId, number>();
  const add = (name: ServiceNodeId | undefined): void => {
    if (name !== undefined) found.set(name, (found.get(name) ?? 0) + 1);
  };
  for (const placed of placement.values()) add(serverOf(placed));
  for (const move of records.moves)
    if (move.stage === 'begun')
      for (const node of nodesOf(move)) if (serverOf(placement.get(node)) !== move.to) add(move.to);
  return found;
}

/** Why a service node gets no nodes, as the end of a sentence; undefined when it may. */
export function againstTarget(member: ServiceNode, judgement: Judgement | undefined): string | undefined {
  if (judgement?.verdict !== 'up') return `it is ${judgement?.verdict ?? 'unknown'}`;
  if (judgement.isFlapping) return 'it is flapping';
  return member.isInMaintenance ? 'it is in maintenance' : undefined;
}

/**
 * Where a node may go: service nodes that are up, share a pool with the lost one and have room. Those that the node's own `servicenode` names
 * come first and in its order, for an admin wrote it; then the one with the fewest nodes. `only`: an admin wants this one.
 */
export function targetFor(
  placed: Placed,
  lost: ServiceNode,
  settings: ServiceNodesSettings,
  judgements: Judgements,
  load: ReadonlyMap<ServiceNodeId, number>,
  only?: ServiceNodeId,
): ServiceNode | undefined {
  const fit = settings.members.filter(
    (member) =>
      member.name !== lost.name &&
      (only === undefined || member.name === only) &&
      member.pools.some((pool) => lost.pools.includes(pool)) &&
      againstTarget(member, judgements.of.get(member.name)) === undefined &&
      hasRoom(member, load),
  );
  const own = placed.servicenode.flatMap((name) => fit.find((member) => member.name === name) ?? []);
  const byLoad = [...fit].sort(
    (a, b) => (load.get(a.name) ?? 0) - (load.get(b.name) ?? 0) || byName(a.name, b.name),
  );
  return own[0] ?? byLoad[0];
}

export const hasRoom = (member: ServiceNode, load: ReadonlyMap<ServiceNodeId, number>): boolean =>
  member.capacity === undefined || (load.get(member.name) ?? 0) < member.capacity;
