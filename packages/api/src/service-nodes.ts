import {
  type ServiceNodeMode,
  type ServiceNodeVerdict,
  type ServiceNodeWish,
  serviceNodeId,
  serviceNodeModes,
  serviceNodeVerdicts,
  serviceNodeWishSchema,
  wishLifeMs,
} from '@hamn/core';
import { z } from 'zod';

/** POST /service-nodes/wish: nodes of a service node go elsewhere, or come home. */
export interface ServiceNodeWishBody {
  readonly kind: 'move' | 'failback';
  readonly serviceNode: string;
  /** move: to this one only. */
  readonly to?: string | undefined;
  /** failback: without the soak. */
  readonly force?: boolean | undefined;
  readonly by: string;
}

/** POST /service-nodes/cancel: no further batch begins. */
export interface ServiceNodeCancelBody {
  readonly serviceNode: string;
  readonly by: string;
}

/** What `hamnctl sn status --json` prints and GET /service-nodes answers. */
export interface ServiceNodesDocument {
  readonly schema: 1;
  /** The node that answers. */
  readonly node: string;
  readonly atWallMs: number;
  readonly mode: ServiceNodeMode;
  /** The primary that looks after them, and when it last wrote what it sees; absent while none has under the present term. */
  readonly judgedBy?: string | undefined;
  readonly judgedAtWallMs?: number | undefined;
  /** What is not known, and why: full sentences. */
  readonly missing: readonly string[];
  /** Why the fault seems to be at the management node, so that nothing is moved. */
  readonly us?: string | undefined;
  readonly serviceNodes: readonly ServiceNodeStatus[];
  /** snmoves: those whose end nobody has seen, and the newest ended ones. The newest first. */
  readonly moves: readonly MoveStatus[];
  /** Nodes that hamn moved and has not brought back. */
  readonly away: readonly AwayStatus[];
  /** What would be begun in mode act. */
  readonly proposed: readonly {
    readonly kind: 'move' | 'failback';
    readonly from: string;
    readonly to: string;
    readonly nodes: number;
  }[];
  /** What admins asked for and is not done. */
  readonly wishes: readonly ServiceNodeWish[];
  /** Records that cannot be read; their nodes are left alone. */
  readonly damagedRecords: number;
  /** What is planned or kept back, and why. */
  readonly because: readonly string[];
}

export interface ServiceNodeStatus {
  readonly name: string;
  readonly address: string;
  readonly pools: readonly string[];
  readonly capacity?: number | undefined;
  readonly state: ServiceNodeVerdict;
  readonly sinceWallMs?: number | undefined;
  readonly because?: string | undefined;
  readonly flapping: boolean;
  /** Probes that failed at last, with what was said. */
  readonly failing: readonly string[];
  /** How many nodes xCAT's tables give it; absent where they were not read. */
  readonly nodes?: number | undefined;
  /** Nodes of it that are elsewhere. */
  readonly away: number;
  /** From when on its nodes may go back (`moves.failbackSoak`); absent where none are away or it is not up. */
  readonly failbackFromWallMs?: number | undefined;
}

export interface MoveStatus {
  readonly id: string;
  readonly kind: 'move' | 'failback';
  readonly from: string;
  readonly to: string;
  readonly stage: 'begun' | 'ended';
  readonly nodes: readonly string[];
  /** Ended: nodes that are elsewhere than at `to`. */
  readonly left: readonly string[];
  readonly message: string;
  readonly begunWallMs: number;
  readonly endedWallMs?: number | undefined;
}

/** Nodes with one home and one present place. */
export interface AwayStatus {
  readonly home: string;
  readonly at: string;
  readonly nodes: readonly string[];
}

const name = z.string().min(1).max(253);
const by = z.string().min(1).max(200);

export const serviceNodeWishBodySchema: z.ZodType<ServiceNodeWishBody> = z.strictObject({
  kind: z.enum(['move', 'failback']),
  serviceNode: name,
  to: name.optional(),
  force: z.boolean().optional(),
  by,
});

export const serviceNodeCancelBodySchema: z.ZodType<ServiceNodeCancelBody> = z.strictObject({
  serviceNode: name,
  by,
});

const moveKind = z.enum(['move', 'failback']);

export const serviceNodesDocumentSchema: z.ZodType<ServiceNodesDocument> = z.looseObject({
  schema: z.literal(1),
  node: z.string(),
  atWallMs: z.number(),
  mode: z.enum(serviceNodeModes),
  judgedBy: z.string().optional(),
  judgedAtWallMs: z.number().optional(),
  missing: z.array(z.string()),
  us: z.string().optional(),
  serviceNodes: z.array(
    z.looseObject({
      name: z.string(),
      address: z.string(),
      pools: z.array(z.string()),
      capacity: z.number().optional(),
      state: z.enum(serviceNodeVerdicts),
      sinceWallMs: z.number().optional(),
      because: z.string().optional(),
      flapping: z.boolean(),
      failing: z.array(z.string()),
      nodes: z.number().optional(),
      away: z.number(),
      failbackFromWallMs: z.number().optional(),
    }),
  ),
  moves: z.array(
    z.looseObject({
      id: z.string(),
      kind: moveKind,
      from: z.string(),
      to: z.string(),
      stage: z.enum(['begun', 'ended']),
      nodes: z.array(z.string()),
      left: z.array(z.string()),
      message: z.string(),
      begunWallMs: z.number(),
      endedWallMs: z.number().optional(),
    }),
  ),
  away: z.array(z.looseObject({ home: z.string(), at: z.string(), nodes: z.array(z.string()) })),
  proposed: z.array(z.looseObject({ kind: moveKind, from: z.string(), to: z.string(), nodes: z.number() })),
  wishes: z.array(serviceNodeWishSchema),
  damagedRecords: z.number(),
  because: z.array(z.string()),
});

/** The value of the key for a wish. */
export const serviceNodeWish = (
  body: ServiceNodeWishBody,
  { id, nowWallMs }: { readonly id: string; readonly nowWallMs: number },
): ServiceNodeWish => ({
  id,
  kind: body.kind,
  serviceNode: serviceNodeId(body.serviceNode),
  ...(body.kind === 'move' && body.to !== undefined ? { to: serviceNodeId(body.to) } : {}),
  ...(body.kind === 'failback' && body.force === true ? { force: true } : {}),
  by: body.by,
  madeWallMs: nowWallMs,
  expiresWallMs: nowWallMs + wishLifeMs,
});
