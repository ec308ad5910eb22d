import { z } from 'zod';

/** `identity`: made once with the group, never changed. Two clusters may have one name; they never have one identity. */
export interface IdentityValue {
  readonly id: string;
  readonly by: string;
  readonly atWallMs: number;
}

export const identitySchema: z.ZodType<IdentityValue> = z.looseObject({
  id: z.string().min(1),
  by: z.string(),
  atWallMs: z.number(),
});
