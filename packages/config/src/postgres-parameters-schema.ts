import { z } from 'zod';
import { againstParameter, parameterName } from './postgres-parameters.ts';

const mostParameters = 200;

const valueSchema = z
  .union([z.string(), z.number(), z.boolean()], {
    error: 'The value of a setting of PostgreSQL is a text, a number, or true or false.',
  })
  .transform((value) => (typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)));

/** `postgres.parameters`: names as PostgreSQL knows them, in small letters; values as they would stand in postgresql.conf, without quotes. */
export const parametersSchema: z.ZodType<Readonly<Record<string, string>>> = z
  .record(
    z.string().regex(parameterName, {
      error: 'It must be the name of a setting of PostgreSQL in small letters, such as work_mem.',
    }),
    valueSchema,
    { error: 'It must be a map of settings of PostgreSQL, such as `work_mem: 64MB`.' },
  )
  .superRefine((parameters, context) => {
    const entries = Object.entries(parameters);
    if (entries.length > mostParameters)
      context.addIssue(`At most ${mostParameters} settings can be kept here; these are ${entries.length}.`);
    for (const [name, value] of entries) {
      const against = againstParameter(name, value);
      if (against !== undefined) context.addIssue({ code: 'custom', path: [name], message: against });
    }
  });
