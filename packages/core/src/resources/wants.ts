import type { Instant } from '../brands.ts';
import type { ResourceNode } from './graph.ts';
import type { ResourceWant } from './states.ts';

/** What this node is to do, as the rules of the role decided it. */
export interface WantedRole {
  /** `none`: nothing of the group runs here. */
  readonly role: 'primary' | 'standby' | 'none';
  /** The fencing token while this node is primary: a job runs once in each term. */
  readonly term: number | undefined;
  /** The role is about to leave: what belongs to it stops, and nothing of the next role starts yet. */
  readonly drain: boolean;
  /** Names of resources that an admin has in hand. */
  readonly maintenance: ReadonlySet<string>;
  /** Why storage that one node alone may have is not started here: nothing would take it from this node. A full sentence. */
  readonly unprotected?: string | undefined;
  /** When the guard last made this node harmless, and saw that it was. */
  readonly harmlessAt?: Instant | undefined;
  /** Names of mirrored resources of which the primary says that it writes without a copy. */
  readonly ahead?: ReadonlySet<string> | undefined;
}

/** What the resource is to be here, before anything that it waits for is looked at. */
export function wantOf({ settings, traits }: ResourceNode, { role, term, drain }: WantedRole): ResourceWant {
  // A job belongs to a take-over; without a term it could not be told whether it has run.
  if (role === 'none' || (traits.once && term === undefined)) return 'stopped';
  if (settings.runs !== 'all' && (drain || settings.runs !== role)) return 'stopped';
  if (!traits.promotable || role === 'standby') return 'running';
  if (!drain) return 'promoted';
  return traits.demotable ? 'running' : 'stopped';
}

/**
 * Maintenance keeps hamn's hands off a resource that belongs here. Where it does not belong it is stopped all the same: an ex-primary's address or
 * service beside the new primary's would be worse than a disturbed admin. So is what is promoted when the role leaves.
 */
export const isManaged = (
  { settings, traits }: ResourceNode,
  want: ResourceWant,
  wanted: WantedRole,
): boolean =>
  want === 'stopped' ||
  (wanted.drain && traits.demotable && want === 'running') ||
  !wanted.maintenance.has(settings.name);
