import { z } from 'zod';

/** `waiting`: not sent to yet. `refused`: its gate said no. */
export type CopyState = 'level' | 'behind' | 'comparing' | 'waiting' | 'unreachable' | 'refused' | 'failed';

/** The copy that one standby has. */
export interface CopyReport {
  readonly node: string;
  readonly state: CopyState;
  /** Why it is not level; a full sentence, or empty. */
  readonly reason: string;
  /** Changes that it has not got yet; a comparison that is due counts as one. */
  readonly backlogFiles: number;
  /** How long the oldest of them waits. */
  readonly ageMs: number;
  /** When it last had everything. */
  readonly levelAtWallMs?: number | undefined;
  readonly comparedAtWallMs?: number | undefined;
  /** What the last comparison found different while nothing was known to wait: drift, with examples as rsync prints them. */
  readonly drift: number;
  readonly drifted: readonly string[];
}

/** What the sender of one resource of kind sync says of itself. */
export interface SenderReport {
  readonly resource: string;
  readonly node: string;
  readonly token: number;
  /** `receiving`: this node never had a complete copy, and so sends nothing. */
  readonly standing: 'origin' | 'receiving' | 'complete';
  /** Folders that are watched. */
  readonly folders: number;
  /** Full sentences: lines of the list that are not copied, folders that are not watched. */
  readonly troubles: readonly string[];
  readonly copies: readonly CopyReport[];
}

/** What differs at one standby, without anything being changed. */
export interface DiffReport {
  readonly node: string;
  readonly known: boolean;
  /** Why it is not known; empty where it is. */
  readonly reason: string;
  readonly count: number;
  /** The first of them, as rsync prints them (`--itemize-changes`). */
  readonly paths: readonly string[];
}

/** GET /sync: what the node that answers sends. */
export interface FileSyncDocument {
  readonly schema: 1;
  /** The node that answers. */
  readonly node: string;
  /** Who is primary, as far as this node knows: who sends. */
  readonly primary?: string | undefined;
  readonly atWallMs: number;
  /** Names of all resources of kind sync. */
  readonly resources: readonly string[];
  readonly senders: readonly SenderReport[];
}

/** GET /sync/diff?name=RESOURCE. */
export interface FileSyncDiffDocument {
  readonly schema: 1;
  readonly node: string;
  readonly resource: string;
  readonly diffs: readonly DiffReport[];
}

/** POST /sync/now and /sync/adopt. */
export interface FileSyncBody {
  readonly resource: string;
  readonly by: string;
}

const states = ['level', 'behind', 'comparing', 'waiting', 'unreachable', 'refused', 'failed'] as const;

export const senderReportSchema: z.ZodType<SenderReport> = z.object({
  resource: z.string(),
  node: z.string(),
  token: z.number(),
  standing: z.enum(['origin', 'receiving', 'complete']),
  folders: z.number(),
  troubles: z.array(z.string()),
  copies: z.array(
    z.object({
      node: z.string(),
      state: z.enum(states),
      reason: z.string(),
      backlogFiles: z.number(),
      ageMs: z.number(),
      levelAtWallMs: z.number().optional(),
      comparedAtWallMs: z.number().optional(),
      drift: z.number(),
      drifted: z.array(z.string()),
    }),
  ),
});

export const diffReportsSchema: z.ZodType<readonly DiffReport[]> = z.array(
  z.object({
    node: z.string(),
    known: z.boolean(),
    reason: z.string(),
    count: z.number(),
    paths: z.array(z.string()),
  }),
);

export const fileSyncDocumentSchema: z.ZodType<FileSyncDocument> = z.looseObject({
  schema: z.literal(1),
  node: z.string(),
  primary: z.string().optional(),
  atWallMs: z.number(),
  resources: z.array(z.string()),
  senders: z.array(senderReportSchema),
});

export const fileSyncDiffSchema: z.ZodType<FileSyncDiffDocument> = z.looseObject({
  schema: z.literal(1),
  node: z.string(),
  resource: z.string(),
  diffs: diffReportsSchema,
});

export const fileSyncBodySchema: z.ZodType<FileSyncBody> = z.strictObject({
  resource: z.string().min(1).max(253),
  by: z.string().min(1).max(200),
});
