import type { NodeRole, Step } from '@hamn/core';
import { z } from 'zod';

/** What `hamnctl explain --json` prints and GET /explain answers: for each node what it does and why. */
export interface ExplainDocument {
  readonly schema: 1;
  readonly cluster: string;
  readonly group: string;
  readonly atWallMs: number;
  /** The node that answers. */
  readonly node: string;
  readonly source: 'hamnd' | 'etcd';
  readonly missing: readonly string[];
  readonly nodes: readonly NodeExplanation[];
}

export interface NodeExplanation {
  readonly name: string;
  readonly role: NodeRole | 'unknown';
  readonly doing: string;
  readonly candidacy?: { readonly eligible: boolean; readonly reasons: readonly string[] } | undefined;
  readonly problems: readonly string[];
  /** The rules that matched, in order: at the last tick of the node that answers, at the last publication of the others; absent for a node that is not heard of. */
  readonly rules?: readonly Step[] | undefined;
  /** Long actions that have begun and not ended. */
  readonly inFlight?: readonly { readonly key: string; readonly forMs: number }[] | undefined;
}

export const explainSchema: z.ZodType<ExplainDocument> = z.looseObject({
  schema: z.literal(1),
  cluster: z.string(),
  group: z.string(),
  atWallMs: z.number(),
  node: z.string(),
  source: z.enum(['hamnd', 'etcd']),
  missing: z.array(z.string()),
  nodes: z.array(
    z.looseObject({
      name: z.string(),
      role: z.enum(['primary', 'standby', 'witness', 'starting', 'unknown']),
      doing: z.string(),
      candidacy: z.looseObject({ eligible: z.boolean(), reasons: z.array(z.string()) }).optional(),
      problems: z.array(z.string()),
      rules: z
        .array(
          z.looseObject({
            rule: z.string(),
            band: z.enum(['safety', 'role', 'upkeep']),
            because: z.string(),
          }),
        )
        .optional(),
      inFlight: z.array(z.looseObject({ key: z.string(), forMs: z.number() })).optional(),
    }),
  ),
});
