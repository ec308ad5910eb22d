import { type Instant, longAgo } from '../brands.ts';
import type { Escalation } from './escalate.ts';
import { type Failures, noFailures } from './failures.ts';
import type { CopyState, ResourceFinish, ResourceLook, ResourceStateKind } from './states.ts';

/** What is believed of a resource. `unlooked`: nothing is known yet. `unknown`: it was asked, and could not be told. */
export type ResourceLevel = ResourceLook['level'] | 'unlooked' | 'unknown';

/** What is remembered of one resource from tick to tick. It dies with the process, and then the first look tells. */
export interface ResourceMemory {
  readonly level: ResourceLevel;
  /** When the act ended that `level` follows from. Looks of before it say nothing. */
  readonly actedAt: Instant;
  readonly lookedAt: Instant;
  /** What the last look or act said against it; empty when nothing. */
  readonly reason: string;
  /** Bad looks in a row that are not a failure yet. */
  readonly badLooks: number;
  /** The newest end of an act that was taken into account. */
  readonly handled: ResourceFinish | undefined;
  /** When a start came to its limit that may succeed yet. */
  readonly lateStart: Instant | undefined;
  readonly failures: Failures;
  readonly escalation: Escalation | undefined;
  /** Of a job: the term in which it ran to its end. */
  readonly ranFor: number | undefined;
  /** Works, with less than configured: why. */
  readonly degraded: string | undefined;
  /** Of mirrored data, by the newest look. */
  readonly copy: CopyState | undefined;
  /** Why this node does not have it at all. */
  readonly absent: string | undefined;
  readonly state: { readonly kind: ResourceStateKind; readonly since: Instant } | undefined;
}

export type ResourcesMemory = ReadonlyMap<string, ResourceMemory>;

export const freshResource: ResourceMemory = {
  level: 'unlooked',
  actedAt: longAgo,
  lookedAt: longAgo,
  reason: '',
  badLooks: 0,
  handled: undefined,
  lateStart: undefined,
  failures: noFailures,
  escalation: undefined,
  ranFor: undefined,
  degraded: undefined,
  copy: undefined,
  absent: undefined,
  state: undefined,
};

export const isGood = (level: ResourceLevel): level is 'running' | 'promoted' =>
  level === 'running' || level === 'promoted';

/** `hamnctl jobs run`: a job that has run in this term, or has failed for good, runs once more; the others go on. */
export function toRunAgain(memory: ResourcesMemory, name: string | undefined): ResourcesMemory {
  return new Map(
    [...memory].map(([own, resource]) =>
      own === name ? [own, { ...resource, ranFor: undefined, failures: noFailures }] : [own, resource],
    ),
  );
}

/**
 * `hamnctl cleanup`: the failures of a resource (or of all of them) are forgotten and it is looked at anew. Nothing ever waits for it: it only
 * saves the time until the failures expire.
 */
export function cleanedUp(memory: ResourcesMemory, name?: string): ResourcesMemory {
  return new Map(
    [...memory].map(([own, resource]) =>
      name !== undefined && own !== name
        ? [own, resource]
        : [own, { ...freshResource, handled: resource.handled, ranFor: resource.ranFor }],
    ),
  );
}
