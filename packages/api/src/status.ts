import type {
  FencingSettings,
  FencingValue,
  HistoryValue,
  MaintenanceValue,
  OutcomeValue,
  PauseValue,
  ReplicationMode,
  RequestValue,
  ScheduleValue,
} from '@hamn/core';
import {
  fencingSchema,
  historySchema,
  maintenanceSchema,
  outcomeSchema,
  pauseSchema,
  requestSchema,
  scheduleSchema,
} from '@hamn/core';
import { z } from 'zod';
import { type NodeStatus, nodeStatusSchema } from './node-status.ts';
import { type PreparedFailover, preparedSchema } from './prepared.ts';
import { type Problem, problemSchema } from './problem.ts';

/** What `hamnctl status --json` prints and GET /status answers: one group as one node sees it. */
export interface StatusDocument {
  /** Grows when a field changes its meaning or goes; new fields may come at any time. */
  readonly schema: 1;
  readonly cluster: string;
  readonly group: string;
  /** When this was put together: wall-clock milliseconds since 1970. */
  readonly atWallMs: number;
  /** The node that answers. */
  readonly node: string;
  /** etcd: hamnd did not answer, so this is what the nodes wrote there last. */
  readonly source: 'hamnd' | 'etcd';
  /** What could not be reached, and what therefore is missing: full sentences. */
  readonly missing: readonly string[];
  readonly primary?: PrimaryStatus | undefined;
  readonly term?: TermStatus | undefined;
  readonly failover?: 'automatic' | 'manual' | undefined;
  readonly paused?: PauseValue | undefined;
  /** A switchover that waits for its time. */
  readonly scheduled?: ScheduleValue | undefined;
  /** Nodes whose PostgreSQL is in an admin's hands. */
  readonly maintenance?: readonly MaintenanceValue[] | undefined;
  readonly replication?: ReplicationStatus | undefined;
  /** Absent where no fencing device is configured. */
  readonly fencing?: FencingStatus | undefined;
  readonly nodes: readonly NodeStatus[];
  readonly vips: readonly VipStatus[];
  readonly etcd?: EtcdStatus | undefined;
  /** A wish of an admin that is not carried out yet. */
  readonly request?: RequestValue | undefined;
  /** How the last wish ended. */
  readonly lastRequest?: OutcomeValue | undefined;
  readonly lastFailover?: HistoryValue | undefined;
  /** The primary is gone, nobody takes over by itself, and a node is ready to. */
  readonly prepared?: PreparedFailover | undefined;
  readonly problems: readonly Problem[];
}

/** Who holds the term, alive or not. */
export interface PrimaryStatus {
  readonly node: string;
  readonly token: number;
  readonly sinceWallMs?: number | undefined;
  /** False when neither its lease nor its member key is there. */
  readonly heardOf: boolean;
}

export interface TermStatus {
  readonly kind: 'held' | 'released';
  /** Who holds it, or released it. */
  readonly node: string;
  /** released: to whom. */
  readonly to?: string | undefined;
  readonly token: number;
  readonly termMs: number;
  /** Until the holder's deadline; only the holder itself knows. */
  readonly remainingMs?: number | undefined;
  /** Whether the last round of promises carried the term. */
  readonly viaPromises?: boolean | undefined;
  /** Whether the last heartbeat carried the term. */
  readonly viaEtcd?: boolean | undefined;
}

export interface ReplicationStatus {
  readonly mode: ReplicationMode;
  /** Nodes of which each one has every acknowledged write, but for `quorum`. */
  readonly synchronous: readonly string[];
  /** On how many of these, beside the primary, each acknowledged write is. Absent: on all. */
  readonly quorum?: number | undefined;
  /** The mode promises more standbys with each write than there are in the set. */
  readonly degraded: boolean;
}

export interface FencingStatus {
  readonly mode: FencingSettings['mode'];
  /** The last try on each node, the newest first. */
  readonly last: readonly FencingValue[];
}

export interface VipStatus {
  readonly address: string;
  readonly interface?: string | undefined;
  /** Who says that it holds it. */
  readonly holder?: string | undefined;
}

export interface EtcdStatus {
  readonly reachable: boolean;
  /** The node on which etcd is led. */
  readonly leader?: string | undefined;
  readonly members?: readonly { readonly name: string; readonly healthy: boolean }[] | undefined;
}

const primarySchema = z.looseObject({
  node: z.string(),
  token: z.number(),
  sinceWallMs: z.number().optional(),
  heardOf: z.boolean(),
});

const termSchema = z.looseObject({
  kind: z.enum(['held', 'released']),
  node: z.string(),
  to: z.string().optional(),
  token: z.number(),
  termMs: z.number(),
  remainingMs: z.number().optional(),
  viaPromises: z.boolean().optional(),
  viaEtcd: z.boolean().optional(),
});

const replicationSchema = z.looseObject({
  mode: z.enum(['asynchronous', 'synchronous', 'strict', 'quorum']),
  synchronous: z.array(z.string()),
  quorum: z.number().optional(),
  degraded: z.boolean(),
});

const fencingStatusSchema = z.looseObject({
  mode: z.enum(['manual', 'automatic', 'required']),
  last: z.array(fencingSchema),
});

const vipSchema = z.looseObject({
  address: z.string(),
  interface: z.string().optional(),
  holder: z.string().optional(),
});

const etcdSchema = z.looseObject({
  reachable: z.boolean(),
  leader: z.string().optional(),
  members: z.array(z.looseObject({ name: z.string(), healthy: z.boolean() })).optional(),
});

export const statusSchema: z.ZodType<StatusDocument> = z.looseObject({
  schema: z.literal(1),
  cluster: z.string(),
  group: z.string(),
  atWallMs: z.number(),
  node: z.string(),
  source: z.enum(['hamnd', 'etcd']),
  missing: z.array(z.string()),
  primary: primarySchema.optional(),
  term: termSchema.optional(),
  failover: z.enum(['automatic', 'manual']).optional(),
  paused: pauseSchema.optional(),
  scheduled: scheduleSchema.optional(),
  maintenance: z.array(maintenanceSchema).optional(),
  replication: replicationSchema.optional(),
  fencing: fencingStatusSchema.optional(),
  nodes: z.array(nodeStatusSchema),
  vips: z.array(vipSchema),
  etcd: etcdSchema.optional(),
  request: requestSchema.optional(),
  lastRequest: outcomeSchema.optional(),
  lastFailover: historySchema.optional(),
  prepared: preparedSchema.optional(),
  problems: z.array(problemSchema),
});
