import { type MemberCopy, type MemberService, memberCopySchema, type NodeRole } from '@hamn/core';
import { z } from 'zod';

/** One node as the others know it. */
export interface NodeStatus {
  readonly name: string;
  /** unknown: it is in the settings, and nobody has heard of it. */
  readonly role: NodeRole | 'unknown';
  readonly address: string;
  /** Its member key is there: it reached etcd within the last seconds. */
  readonly reachable: boolean;
  /** One sentence. */
  readonly doing: string;
  readonly postgres?: NodePostgresStatus | undefined;
  readonly vips: readonly string[];
  readonly services: readonly MemberService[];
  readonly candidacy?: { readonly eligible: boolean; readonly reasons: readonly string[] } | undefined;
  readonly problems: readonly string[];
  readonly version?: string | undefined;
  readonly priority?: number | undefined;
}

export interface NodePostgresStatus {
  readonly state: string;
  readonly timeline?: number | undefined;
  /** PostgreSQL's own form. */
  readonly lsn?: string | undefined;
  /** Behind the primary's last known LSN; absent on the primary. */
  readonly lagBytes?: number | undefined;
  readonly streaming?: boolean | undefined;
  /** Of a standby: the node that it receives from, the primary or, with `replicatefrom`, another standby. */
  readonly upstream?: string | undefined;
  /** Settings that take effect with the next start of PostgreSQL only. */
  readonly restartPending?: readonly string[] | undefined;
  /** A clone or rewind under way. */
  readonly copy?: MemberCopy | undefined;
  /** How far a server is that replays WAL before it takes sessions: a phrase. */
  readonly recovery?: string | undefined;
  /** Sentences: what is set aside on this node of what only it had. */
  readonly diverged?: readonly string[] | undefined;
}

export const nodeStatusSchema: z.ZodType<NodeStatus> = z.looseObject({
  name: z.string(),
  role: z.enum(['primary', 'standby', 'witness', 'starting', 'unknown']),
  address: z.string(),
  reachable: z.boolean(),
  doing: z.string(),
  postgres: z
    .looseObject({
      state: z.string(),
      timeline: z.number().optional(),
      lsn: z.string().optional(),
      lagBytes: z.number().optional(),
      streaming: z.boolean().optional(),
      upstream: z.string().optional(),
      restartPending: z.array(z.string()).optional(),
      copy: memberCopySchema.optional(),
      recovery: z.string().optional(),
      diverged: z.array(z.string()).optional(),
    })
    .optional(),
  vips: z.array(z.string()),
  services: z.array(z.looseObject({ name: z.string(), state: z.string() })),
  candidacy: z.looseObject({ eligible: z.boolean(), reasons: z.array(z.string()) }).optional(),
  problems: z.array(z.string()),
  version: z.string().optional(),
  priority: z.number().optional(),
});
