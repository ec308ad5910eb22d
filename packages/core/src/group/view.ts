import type { z } from 'zod';
import { type NodeId, nodeId, type Revision, revision } from '../brands.ts';
import { type ServiceNodesView, serviceNodesViewSchema } from '../service-nodes/view-value.ts';
import { type FencingValue, fencingSchema } from './fencing-value.ts';
import { type IdentityValue, identitySchema } from './identity-value.ts';
import type { GroupKey } from './keys.ts';
import { type MaintenanceValue, maintenanceSchema } from './maintenance-value.ts';
import { type ResourceWishValue, resourceWishSchema } from './resource-wish-value.ts';
import { type ScheduleValue, scheduleSchema } from './schedule-value.ts';
import type { RawEntry, RawGroup } from './store.ts';
import { type UnmanagedValue, unmanagedSchema } from './unmanaged-value.ts';
import {
  type HeartbeatValue,
  heartbeatSchema,
  type LeaderValue,
  type LeaseValue,
  leaderSchema,
  leaseSchema,
  type MemberValue,
  memberSchema,
  type OutcomeValue,
  outcomeSchema,
  type PauseValue,
  pauseSchema,
  type RequestValue,
  requestSchema,
  type StateValue,
  stateSchema,
} from './values.ts';

/**
 * A key as it was read: half-written or foreign text is `unreadable`, never a guess. `text` is what stood there, undefined where that is too
 * long to be kept or was not read from etcd.
 */
export type Entry<T> =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'present';
      readonly value: T;
      readonly mod: Revision;
      readonly text?: string | undefined;
    }
  | {
      readonly kind: 'unreadable';
      readonly reason: string;
      readonly mod: Revision;
      readonly text?: string | undefined;
    };

/** What a node knows of a group's keys. */
export interface GroupView {
  readonly revision: Revision;
  readonly clusterId: string;
  /** See `RawGroup`. */
  readonly wentBackFrom?: Revision | undefined;
  readonly leader: Entry<LeaderValue>;
  readonly heartbeat: Entry<HeartbeatValue>;
  readonly state: Entry<StateValue>;
  readonly lease: Entry<LeaseValue>;
  readonly request: Entry<RequestValue>;
  readonly outcome: Entry<OutcomeValue>;
  readonly pause: Entry<PauseValue>;
  /** A switchover that waits for its time. */
  readonly schedule: Entry<ScheduleValue>;
  /** What an admin wants of resources once. */
  readonly resourceWish: Entry<ResourceWishValue>;
  /** The cluster's settings as text; the config package reads them. */
  readonly config: Entry<string>;
  readonly identity: Entry<IdentityValue>;
  readonly members: ReadonlyMap<NodeId, Entry<MemberValue>>;
  /** The last try to fence each node. */
  readonly fencing: ReadonlyMap<NodeId, Entry<FencingValue>>;
  /** Nodes whose PostgreSQL an admin has taken into his own hands. */
  readonly maintenance: ReadonlyMap<NodeId, Entry<MaintenanceValue>>;
  /** Resources that an admin has taken into his own hands. */
  readonly unmanaged: ReadonlyMap<string, Entry<UnmanagedValue>>;
  /** What the primary last said of xCAT's service nodes; the moves themselves are in `serviceNodes`, which is read where it is needed. */
  readonly serviceNodesView?: Entry<ServiceNodesView> | undefined;
}

/** An entry never changes: it is read once, however often the group around it changes. */
const alreadyRead = new WeakMap<RawEntry, { readonly schema: z.ZodType; readonly read: Entry<unknown> }>();

/** Reads one entry's JSON text by its schema. `name` is what the reason calls it. */
export function readEntry<T>(entry: RawEntry | undefined, schema: z.ZodType<T>, name: string): Entry<T> {
  if (entry === undefined) return { kind: 'absent' };
  const known = alreadyRead.get(entry);
  // The schema is the one that made it, so its type is the schema's.
  if (known?.schema === schema) return known.read as Entry<T>;
  const read = parseEntry(entry, schema, name);
  alreadyRead.set(entry, { schema, read });
  return read;
}

/** Beyond what any of these keys needs; it is not even parsed, so that a broken or hostile writer costs the other nodes no time. */
const longestValue = 65_536;
const longestPlace = 200;

function parseEntry<T>(entry: RawEntry, schema: z.ZodType<T>, name: string): Entry<T> {
  const { length } = entry.value;
  if (length > longestValue)
    return {
      kind: 'unreadable',
      mod: entry.mod,
      reason: `The key ${name} holds ${length} characters; more than ${longestValue} are not read.`,
    };
  const { mod, value: text } = entry;
  const parsed = parseJson(text);
  if (parsed === undefined)
    return { kind: 'unreadable', mod, text, reason: `The key ${name} does not hold JSON.` };
  const checked = schema.safeParse(parsed);
  if (checked.success) return { kind: 'present', value: checked.data, mod, text };
  const issue = checked.error.issues[0];
  // The library quotes what it found there.
  const place =
    issue === undefined
      ? ''
      : ` at ${issue.path.join('.') || 'its top'}: ${issue.message}`.slice(0, longestPlace);
  return { kind: 'unreadable', mod, text, reason: `The key ${name} cannot be read${place}.` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function readGroup(raw: RawGroup): GroupView {
  const read = <T>(key: GroupKey, schema: z.ZodType<T>): Entry<T> =>
    readEntry(raw.entries.get(key), schema, key);
  const config = raw.entries.get('config');
  return {
    revision: raw.revision,
    clusterId: raw.clusterId,
    wentBackFrom: raw.wentBackFrom,
    leader: read('leader', leaderSchema),
    heartbeat: read('heartbeat', heartbeatSchema),
    state: read('state', stateSchema),
    lease: read('lease', leaseSchema),
    request: read('request', requestSchema),
    outcome: read('outcome', outcomeSchema),
    pause: read('pause', pauseSchema),
    schedule: read('schedule', scheduleSchema),
    resourceWish: read('resource-wish', resourceWishSchema),
    config:
      config === undefined ? { kind: 'absent' } : { kind: 'present', value: config.value, mod: config.mod },
    identity: read('identity', identitySchema),
    members: readFolder(raw, 'members/', memberSchema),
    fencing: readFolder(raw, 'fencing/', fencingSchema),
    maintenance: readFolder(raw, 'maintenance/', maintenanceSchema),
    unmanaged: readFolder(raw, 'unmanaged/', unmanagedSchema),
    serviceNodesView: read('serviceNodesView', serviceNodesViewSchema),
  };
}

/** The entries of a folder in which each node, or each resource, has one key. */
function readFolder<T>(raw: RawGroup, folder: string, schema: z.ZodType<T>): ReadonlyMap<NodeId, Entry<T>> {
  const found = new Map<NodeId, Entry<T>>();
  for (const [key, entry] of raw.entries) {
    if (key.startsWith(folder)) found.set(nodeId(key.slice(folder.length)), readEntry(entry, schema, key));
  }
  return found;
}

export const presentValue = <T>(entry: Entry<T>): T | undefined =>
  entry.kind === 'present' ? entry.value : undefined;

/** The mod-revision for a compare; 0 for a key that does not exist. */
export const modOf = <T>(entry: Entry<T>): Revision => (entry.kind === 'absent' ? revision(0) : entry.mod);

/** What stands there, for a compare; undefined for a key that does not exist. */
export const textOf = <T>(entry: Entry<T>): string | undefined =>
  entry.kind === 'absent' ? undefined : entry.text;
