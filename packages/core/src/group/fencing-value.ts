import { z } from 'zod';
import type { NodeId, Nonce } from '../brands.ts';

/**
 * `fencing/<node>`: the last try to make a node harmless from outside. `begun` is written in a transaction that compares the leader key, so a
 * confirmation always speaks of what happened after that term was read.
 */
export interface FencingValue {
  readonly target: NodeId;
  /** The term against which it was begun: the mod-revision of `leader` and, because a restored etcd repeats revisions, its nonce. */
  readonly token: number;
  readonly leaderNonce: Nonce;
  /** `confirmed`: the node was verified to be off after this was begun. A timeout never is. */
  readonly stage: 'begun' | 'confirmed' | 'failed';
  /** The node that runs the agents. */
  readonly by: NodeId;
  /** The admin who said that the node is off, when no device did. */
  readonly byHand?: string | undefined;
  /** One sentence: why, and how it went. */
  readonly message: string;
  /** For people only. */
  readonly atWallMs: number;
}

const node = z
  .string()
  .min(1)
  .transform((text) => text as NodeId);

export const fencingSchema: z.ZodType<FencingValue> = z.strictObject({
  target: node,
  token: z.int().positive(),
  leaderNonce: z
    .string()
    .min(1)
    .transform((text) => text as Nonce),
  stage: z.enum(['begun', 'confirmed', 'failed']),
  by: node,
  byHand: z.string().optional(),
  message: z.string(),
  atWallMs: z.number(),
});
