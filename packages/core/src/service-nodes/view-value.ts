import { z } from 'zod';
import { type ServiceNodeId, serviceNodeId, serviceNodeModes } from './settings.ts';

export const serviceNodeVerdicts = ['up', 'suspect', 'down', 'unknown', 'maintenance'] as const;
/** `unknown`: too little was seen since this node began to look. `suspect`: something fails, and it is not enough, or not yet good again. */
export type ServiceNodeVerdict = (typeof serviceNodeVerdicts)[number];

/** What the primary thinks of one service node. */
export interface ServiceNodeSeen {
  readonly name: ServiceNodeId;
  readonly verdict: ServiceNodeVerdict;
  readonly sinceWallMs: number;
  /** One sentence; left out where it is up. */
  readonly because?: string | undefined;
  readonly isFlapping?: boolean | undefined;
  /** Probes that failed at last, each `kind: what was said`. */
  readonly failing: readonly string[];
  /** How many nodes xCAT's tables give it; undefined while they were not read. */
  readonly nodes?: number | undefined;
  /** How many of its nodes hamn moved away and has not brought back. */
  readonly away: number;
}

/** One snmove that would be begun. */
export interface ProposedMove {
  readonly kind: 'move' | 'failback';
  readonly from: ServiceNodeId;
  readonly to: ServiceNodeId;
  readonly nodes: number;
}

/** `serviceNodesView`: what the primary sees, written under its term when it changes, for whoever asks on any node. Nothing is decided by it. */
export interface ServiceNodesView {
  readonly version: 1;
  /** It counts only while this is the token of the term. */
  readonly token: number;
  readonly node: string;
  readonly atWallMs: number;
  readonly mode: (typeof serviceNodeModes)[number];
  /** Why it is the management node that seems to be cut off. */
  readonly us?: string | undefined;
  /** What keeps hamn from its work: tables or records that cannot be read. */
  readonly trouble?: string | undefined;
  readonly members: readonly ServiceNodeSeen[];
  readonly proposed: readonly ProposedMove[];
  /** Snmoves whose end nobody has seen. */
  readonly open: number;
  /** What is planned or kept back, and why. */
  readonly because: readonly string[];
}

const name = z.string().min(1).transform(serviceNodeId);

const seenSchema: z.ZodType<ServiceNodeSeen> = z.object({
  name,
  verdict: z.enum(serviceNodeVerdicts),
  sinceWallMs: z.number(),
  because: z.string().optional(),
  isFlapping: z.boolean().optional(),
  failing: z.array(z.string()),
  nodes: z.number().optional(),
  away: z.number(),
});

export const serviceNodesViewSchema: z.ZodType<ServiceNodesView> = z.object({
  version: z.literal(1),
  token: z.number(),
  node: z.string(),
  atWallMs: z.number(),
  mode: z.enum(serviceNodeModes),
  us: z.string().optional(),
  trouble: z.string().optional(),
  members: z.array(seenSchema),
  proposed: z.array(
    z.object({ kind: z.enum(['move', 'failback']), from: name, to: name, nodes: z.number() }),
  ),
  open: z.number(),
  because: z.array(z.string()),
});
