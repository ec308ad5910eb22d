import { z } from 'zod';

/** One line of `hamnctl events --json` and of GET /events: what happened on one node, and why. */
export interface EventDocument {
  /** Counts up on one node for as long as its hamnd runs. */
  readonly sequence: number;
  readonly atWallMs: number;
  readonly node: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** A stable name, such as `term.taken`. */
  readonly event: string;
  /** One full sentence. */
  readonly message: string;
  /** The rule that decided it, when one did. */
  readonly rule?: string | undefined;
  readonly fields?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

export const eventSchema: z.ZodType<EventDocument> = z.looseObject({
  sequence: z.int().nonnegative(),
  atWallMs: z.number(),
  node: z.string(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  event: z.string(),
  message: z.string(),
  rule: z.string().optional(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).optional()).optional(),
});
