import { z } from 'zod';

/** What the sender of a resource says of itself; hamnd and hamnctl show it. */

/** `waiting`: not sent to yet. `refused`: its gate said no. */
export type CopyState = 'level' | 'behind' | 'comparing' | 'waiting' | 'unreachable' | 'refused' | 'failed';

export interface CopyReport {
  /** The standby. */
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
  /** What the last comparison found different while nothing was known to wait: drift, with examples. */
  readonly drift: number;
  readonly drifted: readonly string[];
}

export interface SenderReport {
  readonly resource: string;
  readonly node: string;
  readonly token: number;
  /** `receiving`: this node never had a complete copy, and so sends nothing. */
  readonly standing: 'origin' | 'receiving' | 'complete';
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

/** What may be asked of a sender, one at a time, a line of JSON each way. */
export const senderQuestions = ['status', 'now', 'diff', 'adopt'] as const;
export type SenderQuestion = (typeof senderQuestions)[number];
