import type { NodeId } from '../brands.ts';

/** A key below `/hamn/<cluster>/groups/<group>/`. */
export type GroupKey =
  | 'leader'
  | 'heartbeat'
  | 'state'
  | 'lease'
  | 'request'
  | 'outcome'
  | 'pause'
  | 'schedule'
  | 'config'
  | 'identity'
  | `claim/${string}`
  | `members/${string}`
  | `history/${string}`
  | `fencing/${string}`
  | `maintenance/${string}`
  | `locks/${string}`;

/** The prefix of all keys of a group, with the slash at its end. */
export const groupPrefix = (cluster: string, group: string): string => `/hamn/${cluster}/groups/${group}/`;

export const claimKey = (node: NodeId): GroupKey => `claim/${node}`;
export const fencingKey = (node: NodeId): GroupKey => `fencing/${node}`;
export const maintenanceKey = (node: NodeId): GroupKey => `maintenance/${node}`;
export const memberKey = (node: NodeId): GroupKey => `members/${node}`;
