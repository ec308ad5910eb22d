import { z } from 'zod';
import type { GroupKey } from '../group/keys.ts';
import { type ServiceNodeId, serviceNodeId } from './settings.ts';

/** What an admin asked for, in the key `serviceNodeWishes/<service node>`: it outlives a change of the primary, and goes when it is done or void. */
export interface ServiceNodeWish {
  readonly id: string;
  /** `failback`: its nodes come home. `move`: its nodes go elsewhere, by the plan, or all to `to`. */
  readonly kind: 'failback' | 'move';
  readonly serviceNode: ServiceNodeId;
  /** move: to this one only. */
  readonly to?: ServiceNodeId | undefined;
  /** failback: without waiting for `moves.failbackSoak`. */
  readonly force?: boolean | undefined;
  /** `root on mn1`. */
  readonly by: string;
  readonly madeWallMs: number;
  /** Not begun any more afterwards. */
  readonly expiresWallMs: number;
}

const name = z.string().min(1).transform(serviceNodeId);

export const serviceNodeWishSchema: z.ZodType<ServiceNodeWish> = z.object({
  id: z.string().min(1),
  kind: z.enum(['failback', 'move']),
  serviceNode: name,
  to: name.optional(),
  force: z.boolean().optional(),
  by: z.string(),
  madeWallMs: z.number(),
  expiresWallMs: z.number(),
});

/** Some thousand nodes in batches take hours. */
export const wishLifeMs: number = 24 * 3_600_000;

const folder = 'serviceNodeWishes/';

export const wishKey = (serviceNode: ServiceNodeId): GroupKey => `${folder}${serviceNode}`;
export const isWishKey = (key: GroupKey): boolean => key.startsWith(folder);
