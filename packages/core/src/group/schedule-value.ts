import { z } from 'zod';
import type { NodeId } from '../brands.ts';

/** `schedule`: a switchover that is to begin at a stated time. Created if absent, made under a token; the holder makes a request of it when its time has come. */
export interface ScheduleValue {
  readonly id: string;
  /** The token that the asker saw: under another term it is void. */
  readonly token: number;
  /** The node that is to become primary; the best candidate of that moment otherwise. */
  readonly to?: NodeId | undefined;
  readonly by: string;
  readonly madeWallMs: number;
  /** When it is to begin, by the wall clock of the node that holds the term then. */
  readonly atWallMs: number;
}

export const scheduleSchema: z.ZodType<ScheduleValue> = z.object({
  id: z.string().min(1),
  token: z.int().nonnegative(),
  to: z
    .string()
    .min(1)
    .transform((text) => text as NodeId)
    .optional(),
  by: z.string(),
  madeWallMs: z.number(),
  atWallMs: z.number(),
});
