import type { Instant } from '../brands.ts';
import type { Reading } from '../reading.ts';

/**
 * What is done to a resource. `monitor` is the only one that changes nothing. `outdate`: this node's copy is marked on its disk as one that must not be
 * promoted.
 */
export type ResourceAct = 'start' | 'stop' | 'promote' | 'demote' | 'outdate' | 'monitor' | 'kill';

/**
 * How one copy of mirrored data stands to another one that is not kept level. `ahead`: what is written here is not there. `parted`: what is written
 * there is not here, if anything is. `stale`: it lacks something and cannot be promoted.
 */
export type CopyState = 'ahead' | 'parted' | 'stale';

/** What a look found. */
export interface ResourceLook {
  readonly level: 'stopped' | 'running' | 'promoted' | 'failed';
  /** Whether it cannot lie, such as systemd's word that the process has ended: no second look is needed. */
  readonly sure: boolean;
  /** What is wrong, or works with less than configured (a mirror without its other half); undefined when all is well. */
  readonly reason: string | undefined;
  /** Of mirrored data; absent where all copies are level, or nothing is mirrored. */
  readonly copy?: CopyState | undefined;
  /** This node does not have it (its package is missing): nothing of it can be started here, and that is no failure of it. */
  readonly absent?: true | undefined;
}

/** A resource on this node as the ports and the executor show it. */
export interface ResourceSeen {
  /** The newest look; undefined before the first one. */
  readonly look: { readonly at: Instant; readonly found: Reading<ResourceLook> } | undefined;
  readonly inFlight: { readonly act: ResourceAct; readonly since: Instant } | undefined;
  /** The newest act that has ended, other than a look. */
  readonly finished: ResourceFinish | undefined;
}

export interface ResourceFinish {
  readonly act: Exclude<ResourceAct, 'monitor'>;
  readonly at: Instant;
  readonly ok: boolean;
  /** `timeout`: it may come to its end yet. */
  readonly code: string | undefined;
  /** A full sentence when it was not ok. */
  readonly message: string | undefined;
}

export const unseen: ResourceSeen = { look: undefined, inFlight: undefined, finished: undefined };

/** What a resource is to be on this node now. */
export type ResourceWant = 'stopped' | 'running' | 'promoted';

export type ResourceStateKind =
  | 'stopped'
  | 'starting'
  | 'running'
  | 'promoted'
  | 'stopping'
  | 'failed'
  | 'degraded'
  | 'unmanaged'
  | 'absent'
  | 'unknown';

/** For people; the reason is one sentence or more, and is empty where the word says all. */
export interface ResourceState {
  readonly kind: ResourceStateKind;
  readonly reason: string;
}
