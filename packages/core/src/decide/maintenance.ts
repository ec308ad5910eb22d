import type { NodeId } from '../brands.ts';
import type { MaintenanceValue } from '../group/maintenance-value.ts';
import { presentValue } from '../group/view.ts';
import type { Facts } from './facts.ts';

/** The maintenance that a node is in now; one whose time is over counts for nothing, whether its key is still there or not. */
export function maintenanceOf({ group, seen }: Facts, node: NodeId): MaintenanceValue | undefined {
  const entry = group?.maintenance.get(node);
  const value = entry === undefined ? undefined : presentValue(entry);
  return value === undefined || seen.wallMs >= value.untilWallMs ? undefined : value;
}

export const ownMaintenance = (facts: Facts): MaintenanceValue | undefined =>
  maintenanceOf(facts, facts.seen.me);

/** `mn2 is in maintenance (root on mn1: new disk).` */
export const maintenanceText = ({ node, by, reason }: MaintenanceValue): string =>
  `${node} is in maintenance (${reason === '' ? `by ${by}` : `${by}: ${reason}`}).`;
