import type { FencingSettings } from '@hamn/core';
import { z } from 'zod';

/** POST /fence: switches a node off through its devices, and on again for `reboot`. The answer comes when that is done, which may take minutes. */
export interface FenceBody {
  readonly node: string;
  /** The node's own setting where it is not given. */
  readonly action?: 'off' | 'reboot' | undefined;
  /** Who asks: `root on mn2`. */
  readonly by: string;
}

/** POST /fence/confirm: an admin knows the primary to be off. */
export interface ConfirmOffBody {
  readonly node: string;
  readonly by: string;
}

/** POST /fence/look: the devices are asked now. */
export interface FenceLookBody {
  /** One node's devices only. */
  readonly node?: string | undefined;
}

export interface FencingDocument {
  readonly schema: 1;
  /** Whose agents were run. */
  readonly node: string;
  readonly mode: FencingSettings['mode'];
  readonly nodes: readonly FenceTarget[];
}

export interface FenceTarget {
  readonly node: string;
  readonly action: 'off' | 'reboot';
  /** The longest that fencing it may take. */
  readonly limitMs: number;
  readonly outlets: readonly OutletStatus[];
}

/** One device, and the outlet or machine by which it knows the node. */
export interface OutletStatus {
  /** Counted from 1, in the order in which they are tried. */
  readonly level: number;
  /** `pdu-a:3` is the plug 3 of pdu-a. */
  readonly outlet: string;
  readonly agent: string;
  readonly power: 'on' | 'off' | 'unknown';
  /** Why it is unknown, a sentence. */
  readonly reason?: string | undefined;
}

const by = z.string().min(1).max(200);
const node = z.string().min(1).max(63);

export const fenceBodySchema: z.ZodType<FenceBody> = z.strictObject({
  node,
  action: z.enum(['off', 'reboot']).optional(),
  by,
});

export const confirmOffBodySchema: z.ZodType<ConfirmOffBody> = z.strictObject({ node, by });

export const fenceLookBodySchema: z.ZodType<FenceLookBody> = z.strictObject({ node: node.optional() });

export const fencingDocumentSchema: z.ZodType<FencingDocument> = z.looseObject({
  schema: z.literal(1),
  node: z.string(),
  mode: z.enum(['manual', 'automatic', 'required']),
  nodes: z.array(
    z.looseObject({
      node: z.string(),
      action: z.enum(['off', 'reboot']),
      limitMs: z.number(),
      outlets: z.array(
        z.looseObject({
          level: z.number(),
          outlet: z.string(),
          agent: z.string(),
          power: z.enum(['on', 'off', 'unknown']),
          reason: z.string().optional(),
        }),
      ),
    }),
  ),
});
