import type { NodeId } from '../brands.ts';

/** The keys of a group that stand alone; the others stand in folders. */
export const groupKeyNames = [
  'leader',
  'heartbeat',
  'state',
  'lease',
  'request',
  'outcome',
  'pause',
  'schedule',
  'resource-wish',
  'config',
  'identity',
  'serviceNodes',
  'serviceNodesView',
] as const;
const folders = [
  'claim',
  'members',
  'history',
  'fencing',
  'maintenance',
  'unmanaged',
  'locks',
  'serviceNodeWishes',
] as const;

/** A key below `/hamn/<cluster>/groups/<group>/`. */
export type GroupKey = (typeof groupKeyNames)[number] | `${(typeof folders)[number]}/${string}`;

const known = new RegExp(`^(?:${groupKeyNames.join('|')}|(?:${folders.join('|')})/.+)$`, 's');

export const isGroupKey = (name: string): name is GroupKey => known.test(name);

/** The prefix of all keys of a group, with the slash at its end. */
export const groupPrefix = (cluster: string, group: string): string => `/hamn/${cluster}/groups/${group}/`;

export const claimKey = (node: NodeId): GroupKey => `claim/${node}`;
export const fencingKey = (node: NodeId): GroupKey => `fencing/${node}`;
export const maintenanceKey = (node: NodeId): GroupKey => `maintenance/${node}`;
export const memberKey = (node: NodeId): GroupKey => `members/${node}`;
export const unmanagedKey = (resource: string): GroupKey => `unmanaged/${resource}`;
export const lockKey = (name: string): GroupKey => `locks/${name}`;
