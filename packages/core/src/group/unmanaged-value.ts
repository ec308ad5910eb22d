import { z } from 'zod';

/** `unmanaged/<resource>`: an admin has that resource in hand on whatever node it runs; hamn looks at it and does nothing else, until the key is removed. */
export interface UnmanagedValue {
  readonly resource: string;
  readonly by: string;
  readonly reason: string;
  readonly sinceWallMs: number;
}

export const unmanagedSchema: z.ZodType<UnmanagedValue> = z.object({
  resource: z.string().min(1),
  by: z.string(),
  reason: z.string(),
  sinceWallMs: z.number(),
});
