import { z } from 'zod';
import type { SoftwareView } from '../postgres-trouble.ts';

/** Parts of what a node says of its PostgreSQL. */

export interface MemberCopy {
  readonly kind: 'clone' | 'rewind';
  readonly from: string;
  readonly elapsedMs: number;
  readonly bytes: number;
  readonly totalBytes?: number | undefined;
  readonly bytesPerSecond?: number | undefined;
}

export const memberCopySchema: z.ZodType<MemberCopy> = z.looseObject({
  kind: z.enum(['clone', 'rewind']),
  from: z.string(),
  elapsedMs: z.number(),
  bytes: z.number(),
  totalBytes: z.number().optional(),
  bytesPerSecond: z.number().optional(),
});

export const memberSoftwareSchema: z.ZodType<SoftwareView> = z.object({
  postgres: z.string().optional(),
  libc: z.string().optional(),
  architecture: z.string().optional(),
});
