import { type HistoryValue, historySchema } from '@hamn/core';
import { z } from 'zod';

/** GET /history: take-overs and hand-overs, oldest first, as many as are kept. */
export interface HistoryDocument {
  readonly schema: 1;
  readonly cluster: string;
  readonly group: string;
  readonly entries: readonly HistoryValue[];
}

export const historyDocumentSchema: z.ZodType<HistoryDocument> = z.looseObject({
  schema: z.literal(1),
  cluster: z.string(),
  group: z.string(),
  entries: z.array(historySchema),
});
