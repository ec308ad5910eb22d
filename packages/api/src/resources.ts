import { type MemberService, memberServiceSchema, type NodeRole, type UnmanagedValue } from '@hamn/core';
import { z } from 'zod';

/** GET /resources: everything that is started and stopped with the role, as each node last told of it. */
export interface ResourcesDocument {
  readonly schema: 1;
  readonly cluster: string;
  readonly group: string;
  readonly atWallMs: number;
  /** The node that answers. */
  readonly node: string;
  readonly source: 'hamnd' | 'etcd';
  /** What is missing in this document and why, full sentences. */
  readonly missing: readonly string[];
  /** In an order in which they could start one by one; empty where the settings cannot be read. */
  readonly resources: readonly ResourceLine[];
  readonly nodes: readonly NodeResources[];
  /** What an admin has in hand. */
  readonly unmanaged: readonly UnmanagedValue[];
}

export interface ResourceLine {
  readonly name: string;
  readonly kind: string;
  readonly runs: string;
  /** What it starts after, without what follows from that. */
  readonly after: readonly string[];
  readonly onFailure: string;
  readonly restarts: number;
  readonly restartWindowMs: number;
}

export interface NodeResources {
  readonly name: string;
  readonly role: NodeRole | 'unknown';
  readonly states: readonly MemberService[];
}

/** GET /resources/output */
export interface OutputDocument {
  readonly schema: 1;
  readonly node: string;
  readonly resource: string;
  readonly act: string;
  readonly atWallMs: number;
  readonly exitCode?: number | undefined;
  readonly text: string;
  /** The beginning is missing. */
  readonly cut: boolean;
}

export interface UnmanagedBody {
  readonly resource: string;
  readonly on: boolean;
  readonly by: string;
  readonly reason: string;
}

export interface ResourceWishBody {
  readonly what: 'cleanup' | 'run';
  /** Absent, with cleanup: all. */
  readonly resource?: string | undefined;
  readonly by: string;
}

export const unmanagedBodySchema: z.ZodType<UnmanagedBody> = z.strictObject({
  resource: z.string().min(1).max(200),
  on: z.boolean(),
  by: z.string().min(1).max(200),
  reason: z.string().max(1000),
});

export const resourceWishBodySchema: z.ZodType<ResourceWishBody> = z.strictObject({
  what: z.enum(['cleanup', 'run']),
  resource: z.string().min(1).max(200).optional(),
  by: z.string().min(1).max(200),
});

export const outputSchema: z.ZodType<OutputDocument> = z.looseObject({
  schema: z.literal(1),
  node: z.string(),
  resource: z.string(),
  act: z.string(),
  atWallMs: z.number(),
  exitCode: z.number().optional(),
  text: z.string(),
  cut: z.boolean(),
});

export const resourcesSchema: z.ZodType<ResourcesDocument> = z.looseObject({
  schema: z.literal(1),
  cluster: z.string(),
  group: z.string(),
  atWallMs: z.number(),
  node: z.string(),
  source: z.enum(['hamnd', 'etcd']),
  missing: z.array(z.string()),
  resources: z.array(
    z.looseObject({
      name: z.string(),
      kind: z.string(),
      runs: z.string(),
      after: z.array(z.string()),
      onFailure: z.string(),
      restarts: z.number(),
      restartWindowMs: z.number(),
    }),
  ),
  nodes: z.array(
    z.looseObject({
      name: z.string(),
      role: z.enum(['primary', 'standby', 'witness', 'starting', 'unknown']),
      states: z.array(memberServiceSchema),
    }),
  ),
  unmanaged: z.array(
    z.looseObject({ resource: z.string(), by: z.string(), reason: z.string(), sinceWallMs: z.number() }),
  ),
});
