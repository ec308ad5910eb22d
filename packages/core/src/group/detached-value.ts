import { z } from 'zod';

/**
 * A standby's word that since this sign of the last holder (the revisions of `leader` and `heartbeat`) nothing reaches it from anybody, and that it has the WAL up to `lsn`
 * and no more. It stays true until there is another sign.
 */
export interface Detached {
  readonly leader: number;
  readonly heartbeat: number;
  readonly timeline: number;
  readonly lsn: string;
}

export const detachedSchema: z.ZodType<Detached> = z.object({
  leader: z.number(),
  heartbeat: z.number(),
  timeline: z.number(),
  lsn: z.string(),
});
