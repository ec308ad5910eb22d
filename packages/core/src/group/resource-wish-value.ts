import { z } from 'zod';

/**
 * `resource-wish`: what an admin wants of resources once, the newest wish only. `cleanup`: failures are forgotten, on every node. `run`: a job runs
 * once more on the primary. A node follows each id once.
 */
export interface ResourceWishValue {
  readonly id: string;
  readonly what: 'cleanup' | 'run';
  /** Absent: all of them. */
  readonly resource?: string | undefined;
  readonly by: string;
  readonly atWallMs: number;
}

export const resourceWishSchema: z.ZodType<ResourceWishValue> = z.object({
  id: z.string().min(1),
  what: z.enum(['cleanup', 'run']),
  resource: z.string().min(1).optional(),
  by: z.string(),
  atWallMs: z.number(),
});
