import { z } from 'zod';
import type { NodeId } from '../brands.ts';

/** `maintenance/<node>`: an admin may stop and start PostgreSQL on that node by hand; hamn leaves it alone until the end that is named here. */
export interface MaintenanceValue {
  readonly node: NodeId;
  readonly by: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  /** By the wall clock of the node that looks; after it the key counts for nothing and is removed. */
  readonly untilWallMs: number;
}

export const maintenanceSchema: z.ZodType<MaintenanceValue> = z.object({
  node: z
    .string()
    .min(1)
    .transform((text) => text as NodeId),
  by: z.string(),
  reason: z.string(),
  sinceWallMs: z.number(),
  untilWallMs: z.number(),
});
