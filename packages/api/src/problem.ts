import { z } from 'zod';

/** Something that an admin should know, in plain words. */
export interface Problem {
  /** error: the role or the data are in danger now. warning: the next fault would hurt more than it should. */
  readonly severity: 'error' | 'warning';
  /** A full sentence. */
  readonly text: string;
  /** What to do, a full sentence or a command. */
  readonly remedy?: string | undefined;
}

export const problemSchema: z.ZodType<Problem> = z.looseObject({
  severity: z.enum(['error', 'warning']),
  text: z.string(),
  remedy: z.string().optional(),
});

export const problem = (severity: Problem['severity'], text: string, remedy?: string): Problem => ({
  severity,
  text,
  ...(remedy === undefined ? {} : { remedy }),
});
