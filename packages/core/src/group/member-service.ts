import { z } from 'zod';

/** Words of a service that runs; `active` is what older versions say. */
export const isServing = (state: string): boolean =>
  ['running', 'promoted', 'degraded', 'active'].includes(state);

/** A resource as its node tells of it. Older versions tell name and state of units only. */
export interface MemberService {
  readonly name: string;
  readonly state: string;
  /** `vip`, `unit`, `job` ... */
  readonly kind?: string | undefined;
  /** What it is to be there. */
  readonly want?: string | undefined;
  /** Why it is so; absent where the state says all. */
  readonly reason?: string | undefined;
  /** Since when, to the second, by that node's clock. */
  readonly sinceWallMs?: number | undefined;
  /** Failures that still count. */
  readonly failures?: number | undefined;
  /** Of mirrored data that is written there: a copy elsewhere does not get it. */
  readonly ahead?: boolean | undefined;
  /** Of a unit with several names: the one that this node has. */
  readonly unit?: string | undefined;
}

/** What serves on a node besides its address and its database, and is meant to go on. A marker or a template's file only says what the node is. */
export const isService = ({ kind }: MemberService): boolean =>
  kind !== 'vip' && kind !== 'postgres' && kind !== 'job' && kind !== 'marker' && kind !== 'template';

export const memberServiceSchema: z.ZodType<MemberService> = z.object({
  name: z.string(),
  state: z.string(),
  kind: z.string().optional().catch(undefined),
  want: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  sinceWallMs: z.number().optional().catch(undefined),
  failures: z.number().optional().catch(undefined),
  ahead: z.boolean().optional().catch(undefined),
  unit: z.string().optional().catch(undefined),
});
