import { z } from 'zod';

/** A take-over that has all but an admin's word: where failover is manual, or hamn is paused. */
export interface PreparedFailover {
  /** The node that is gone. */
  readonly from: string;
  readonly to: string;
  /** A full sentence: what would be lost. */
  readonly dataLoss: string;
  /** WAL that the primary announced and `to` does not have; absent where the mode loses nothing. */
  readonly dataLossBytes?: number | undefined;
  /** What would be done, in this order; what stands in one step is done side by side. */
  readonly steps: readonly string[];
  /** What to type. */
  readonly command: string;
}

export const preparedSchema: z.ZodType<PreparedFailover> = z.looseObject({
  from: z.string(),
  to: z.string(),
  dataLoss: z.string(),
  dataLossBytes: z.number().optional(),
  steps: z.array(z.string()),
  command: z.string(),
});
