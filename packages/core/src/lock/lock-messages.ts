import { z } from 'zod';
import { type Instant, instant } from '../brands.ts';
import type { LockDeadline } from './lock-timing.ts';

/** What `hamnctl lock` says to the process that watches over its command. */
export type LockOrder =
  | {
      readonly kind: 'run';
      readonly command: readonly string[];
      readonly name: string;
      readonly token: number;
      readonly deadline: LockDeadline;
      readonly graceMs: number;
    }
  | { readonly kind: 'extend'; readonly deadline: LockDeadline }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'stop'; readonly why: string };

/** What that process answers. */
export type LockReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'not-started'; readonly reason: string }
  /** The deadline that stands now, after an `extend`. */
  | { readonly kind: 'standing'; readonly deadline: LockDeadline; readonly running: boolean }
  /** The command's own process has ended, and nothing of its group is left. */
  | {
      readonly kind: 'ended';
      /** As a shell has it: 128 and the signal's number where a signal ended it. */
      readonly code: number;
      /** Why it was stopped; null where it ended by itself. */
      readonly stopped: string | null;
      /** It left processes behind, which were stopped. */
      readonly leftovers: boolean;
    };

const instantSchema: z.ZodType<Instant> = z.number().transform((ms) => instant(ms));
const deadlineSchema: z.ZodType<LockDeadline> = z.object({ stopAt: instantSchema, killAt: instantSchema });

export const lockOrderSchema: z.ZodType<LockOrder> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('run'),
    command: z.array(z.string()).min(1),
    name: z.string(),
    token: z.number(),
    deadline: deadlineSchema,
    graceMs: z.number(),
  }),
  z.object({ kind: z.literal('extend'), deadline: deadlineSchema }),
  z.object({ kind: z.literal('signal'), signal: z.string() }),
  z.object({ kind: z.literal('stop'), why: z.string() }),
]);

export const lockReportSchema: z.ZodType<LockReport> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('started'), pid: z.number() }),
  z.object({ kind: z.literal('not-started'), reason: z.string() }),
  z.object({ kind: z.literal('standing'), deadline: deadlineSchema, running: z.boolean() }),
  z.object({
    kind: z.literal('ended'),
    code: z.number(),
    stopped: z.string().nullable(),
    leftovers: z.boolean(),
  }),
]);
