import { z } from 'zod';
import type { NodeId, Nonce, TimelineId } from '../brands.ts';
import type { SoftwareView } from '../postgres-trouble.ts';
import { type Detached, detachedSchema } from './detached-value.ts';
import { type MemberCopy, memberCopySchema, memberSoftwareSchema } from './member-parts.ts';
import { type MemberService, memberServiceSchema } from './member-service.ts';

/** The values of the keys below `/hamn/<cluster>/groups/<group>/`, as other nodes (and half-finished writers) left them. */

const node = z
  .string()
  .min(1)
  .transform((text) => text as NodeId);
const nonceText = z
  .string()
  .min(1)
  .transform((text) => text as Nonce);
const timeline = z
  .int()
  .positive()
  .transform((value) => value as TimelineId);

/** `leader`: who holds the term, or to whom it was released. Only acquire, take-over and release write it. */
export type LeaderValue =
  | { readonly kind: 'held'; readonly holder: NodeId; readonly nonce: Nonce; readonly termMs: number }
  | {
      readonly kind: 'released';
      readonly by: NodeId;
      /** Who may take it at once; after T everybody may. */
      readonly to: NodeId;
      readonly nonce: Nonce;
      readonly termMs: number;
    };

export const leaderSchema: z.ZodType<LeaderValue> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('held'), holder: node, nonce: nonceText, termMs: z.number().positive() }),
  z.strictObject({
    kind: z.literal('released'),
    by: node,
    to: node,
    nonce: nonceText,
    termMs: z.number().positive(),
  }),
]);

/** `heartbeat`: written by the holder every interval; its revision is what candidates wait by. */
export interface HeartbeatValue {
  readonly holder: NodeId;
  readonly nonce: Nonce;
  readonly sequence: number;
  /** The holder's flushed LSN in PostgreSQL's form, absent while its database is not writable. */
  readonly lsn?: string | undefined;
}

export const heartbeatSchema: z.ZodType<HeartbeatValue> = z.strictObject({
  holder: node,
  nonce: nonceText,
  sequence: z.int().nonnegative(),
  lsn: z.string().optional(),
});

/** One promotion: the same timeline number under another token means that a standby must be cloned, not rewound. */
export interface Promotion {
  readonly token: number;
  readonly node: NodeId;
  readonly timeline: TimelineId;
  /** Where the new timeline left its parent, in PostgreSQL's form. */
  readonly switchLsn: string;
}

const promotionSchema = z.strictObject({
  token: z.int().positive(),
  node,
  timeline,
  switchLsn: z.string(),
});

/** `state`: written by the holder only, and by a take-over in the same transaction as `leader`. */
export interface StateValue {
  /** Every node that may ever take the term. */
  readonly electorate: readonly NodeId[];
  /** Nodes of which each one has every acknowledged write (with `quorum`: so many of those beside the holder); the holder is always one of them. */
  readonly synchronous: readonly NodeId[];
  /** How many of the others have each acknowledged write; absent: all of them. A version that does not know the field reads no state, and takes no term. */
  readonly quorum?: number | undefined;
  /** The newest promotions, oldest first, bounded. */
  readonly promotions: readonly Promotion[];
  /** PostgreSQL's system identifier of the group's database, set at the first promotion. */
  readonly systemId?: string | undefined;
}

export const stateSchema: z.ZodType<StateValue> = z.strictObject({
  electorate: z.array(node),
  synchronous: z.array(node),
  quorum: z.int().positive().optional(),
  promotions: z.array(promotionSchema),
  systemId: z.string().optional(),
});

export type NodeRole = 'primary' | 'standby' | 'witness' | 'starting';

/** `members/<node>`: what a node says of itself, on its member lease. It permits nothing. */
export interface MemberValue {
  readonly node: NodeId;
  readonly version: string;
  readonly address: string;
  readonly role: NodeRole;
  /** One sentence: what the node is doing. */
  readonly doing: string;
  readonly healthy: boolean;
  readonly problems: readonly string[];
  readonly bootId?: string | undefined;
  readonly configRevision?: number | undefined;
  readonly priority?: number | undefined;
  readonly postgres?: MemberPostgres | undefined;
  /** VIPs that this node holds. */
  readonly vips?: readonly string[] | undefined;
  readonly services?: readonly MemberService[] | undefined;
  /** Why this node may or may not become primary now. */
  readonly candidacy?: { readonly eligible: boolean; readonly reasons: readonly string[] } | undefined;
  /** The primary is gone, and this node takes over at an admin's word. */
  readonly waitsForAdmin?: boolean | undefined;
  /** What it says once it has stopped receiving. */
  readonly detached?: Detached | undefined;
  /** The public halves of its keys for the transfer of files (kind `sync`). */
  readonly sync?: { readonly key: string; readonly hostKey: string } | undefined;
  /** The rules that matched when this was written, in order, shortened: for `hamnctl explain` on another node. */
  readonly rules?: readonly MemberRule[] | undefined;
}

export interface MemberRule {
  readonly rule: string;
  readonly band: 'safety' | 'role' | 'upkeep';
  readonly because: string;
}

export interface MemberPostgres {
  readonly state: string;
  readonly timeline?: number | undefined;
  /** The furthest WAL that is safe on this node's disk. */
  readonly lsn?: string | undefined;
  readonly replayedLsn?: string | undefined;
  readonly systemId?: string | undefined;
  readonly streaming?: boolean | undefined;
  /** Of a standby: the node that it is set to receive from. */
  readonly upstream?: string | undefined;
  /** The token of the term in which `timeline` was made, by this node's own disk (see decide/line.ts). */
  readonly lineToken?: number | undefined;
  /** Settings that take effect with the next start of PostgreSQL only. */
  readonly restartPending?: readonly string[] | undefined;
  /** A clone or rewind under way. */
  readonly copy?: MemberCopy | undefined;
  /** Sentences: what is set aside on this node of what only it had. */
  readonly diverged?: readonly string[] | undefined;
  /** How far a crashed server's recovery is, a phrase. */
  readonly recovery?: string | undefined;
  readonly software?: SoftwareView | undefined;
}

export const memberSchema: z.ZodType<MemberValue> = z.object({
  node,
  version: z.string(),
  address: z.string(),
  role: z.enum(['primary', 'standby', 'witness', 'starting']),
  doing: z.string(),
  healthy: z.boolean(),
  problems: z.array(z.string()),
  bootId: z.string().optional(),
  configRevision: z.number().optional(),
  priority: z.number().optional(),
  postgres: z
    .looseObject({
      state: z.string(),
      timeline: z.number().optional(),
      lsn: z.string().optional(),
      replayedLsn: z.string().optional(),
      systemId: z.string().optional(),
      streaming: z.boolean().optional(),
      upstream: z.string().optional().catch(undefined),
      lineToken: z.number().optional().catch(undefined),
      restartPending: z.array(z.string()).optional().catch(undefined),
      copy: memberCopySchema.optional().catch(undefined),
      diverged: z.array(z.string()).optional().catch(undefined),
      recovery: z.string().optional().catch(undefined),
      software: memberSoftwareSchema.optional().catch(undefined),
    })
    .optional(),
  vips: z.array(z.string()).optional(),
  services: z.array(memberServiceSchema).optional(),
  candidacy: z.object({ eligible: z.boolean(), reasons: z.array(z.string()) }).optional(),
  waitsForAdmin: z.boolean().optional().catch(undefined),
  detached: detachedSchema.optional(),
  sync: z.object({ key: z.string(), hostKey: z.string() }).optional().catch(undefined),
  // A newer version may have other bands: its rules are then left out, not the whole member.
  rules: z
    .array(z.object({ rule: z.string(), band: z.enum(['safety', 'role', 'upkeep']), because: z.string() }))
    .optional()
    .catch(undefined),
});

/** `request`: an admin's wish; created if absent, made under a token, with an end. */
export interface RequestValue {
  readonly id: string;
  readonly kind: 'switchover' | 'failover' | 'reinit' | 'restart';
  /** The token that the asker saw; a request made under another term is void. */
  readonly token: number;
  /** Switchover, failover: the node that is to become primary. Reinit: the node to clone again. Restart: the node whose PostgreSQL is restarted. */
  readonly to?: NodeId | undefined;
  readonly allowDataLoss?: boolean | undefined;
  readonly by: string;
  /** Wall-clock milliseconds; only for people and for the expiry. */
  readonly madeWallMs: number;
  readonly expiresWallMs: number;
}

export const requestSchema: z.ZodType<RequestValue> = z.strictObject({
  id: z.string(),
  kind: z.enum(['switchover', 'failover', 'reinit', 'restart']),
  token: z.int().nonnegative(),
  to: node.optional(),
  allowDataLoss: z.boolean().optional(),
  by: z.string(),
  madeWallMs: z.number(),
  expiresWallMs: z.number(),
});

/** `outcome`: how the last request ended. */
export interface OutcomeValue {
  readonly id: string;
  readonly kind: string;
  readonly outcome: 'done' | 'refused' | 'expired';
  readonly message: string;
  /** The node that ended it. */
  readonly by: NodeId;
  readonly atWallMs: number;
}

export const outcomeSchema: z.ZodType<OutcomeValue> = z.strictObject({
  id: z.string(),
  kind: z.string(),
  outcome: z.enum(['done', 'refused', 'expired']),
  message: z.string(),
  by: node,
  atWallMs: z.number(),
});

/** `pause`: no change of role by itself while this key exists. */
export interface PauseValue {
  readonly by: string;
  readonly reason: string;
  readonly sinceWallMs: number;
}

export const pauseSchema: z.ZodType<PauseValue> = z.strictObject({
  by: z.string(),
  reason: z.string(),
  sinceWallMs: z.number(),
});

/** `lease`: the visible sign of the role, on the holder's own etcd lease. Its end nudges candidates to look and permits nothing. */
export interface LeaseValue {
  readonly holder: NodeId;
  readonly token: number;
}

export const leaseSchema: z.ZodType<LeaseValue> = z.strictObject({ holder: node, token: z.int().positive() });

/** `history/<token>`: one take-over or hand-over, with its phases. */
export interface HistoryValue {
  readonly token: number;
  readonly node: NodeId;
  readonly from?: NodeId | undefined;
  /** `first`, `failover`, `switchover`, `take-back`. */
  readonly kind: string;
  readonly why: string;
  readonly atWallMs: number;
  /** Milliseconds from the take's commit to the end of each phase. */
  readonly phases: readonly { readonly name: string; readonly ms: number }[];
  /** The same for each resource until it was well. Absent: written by an older version. */
  readonly resources?: readonly { readonly name: string; readonly ms: number }[] | undefined;
  readonly lossBytesBound?: number | undefined;
}

export const historySchema: z.ZodType<HistoryValue> = z.object({
  token: z.int().positive(),
  node,
  from: node.optional(),
  kind: z.string(),
  why: z.string(),
  atWallMs: z.number(),
  phases: z.array(z.object({ name: z.string(), ms: z.number() })),
  resources: z.array(z.object({ name: z.string(), ms: z.number() })).optional(),
  lossBytesBound: z.number().optional(),
});
