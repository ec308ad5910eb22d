import { z } from 'zod';

/** Lengths of time and sizes as people write them. */

const msPerUnit: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
};
const bytesPerUnit: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
};

const durationForm = /^(\d+(?:\.\d+)?)(ms|s|min|h)$/;
const sizeForm = /^(\d+)(B|kB|MB|GB)$/;

function amount(text: string, form: RegExp, units: Readonly<Record<string, number>>): number {
  const [, digits = '', unit = ''] = form.exec(text) ?? [];
  return Math.round(Number(digits) * (units[unit] ?? Number.NaN));
}

/** `500ms`, `30s`, `5min`, `1h` -> milliseconds. Undefined for everything else: of a bare number nobody could tell the unit. */
export const durationMs = (text: string): number | undefined =>
  durationForm.test(text) ? amount(text, durationForm, msPerUnit) : undefined;

const anyTime = z
  .string({ error: 'It must be a length of time with its unit, such as 500ms, 30s, 5min or 1h.' })
  .regex(durationForm, {
    error: 'It must be a length of time with its unit, such as 500ms, 30s, 5min or 1h.',
  })
  .transform((written) => amount(written, durationForm, msPerUnit))
  .refine((ms) => ms <= 86_400_000, { error: 'It must be at most 24h.' });

const someTime = anyTime.refine((ms) => ms > 0, { error: 'It must be longer than nothing and at most 24h.' });

/** A length of time above nothing, with a default. */
export const durationMsSchema = (text: string): z.ZodType<number> => someTime.prefault(text);

/** The same where it may be left out, without a default of its own. */
export const optionalDurationMsSchema = (): z.ZodType<number | undefined> => someTime.optional();

/** The same where nothing at all, `0s`, is a length of time, too. */
export const anyDurationMsSchema = (text: string): z.ZodType<number> => anyTime.prefault(text);

const daysForm = /^(\d{1,3})d$/;

/** `7d` -> milliseconds. */
export const daysMsSchema = (text: string): z.ZodType<number> =>
  z
    .string({ error: 'It must be a number of days, such as 7d.' })
    .regex(daysForm, { error: 'It must be a number of days, such as 7d.' })
    .transform((written) => Number(daysForm.exec(written)?.[1]) * 86_400_000)
    .prefault(text);

/** A whole number of bytes, or `16MB` (PostgreSQL's units: kB, MB and GB of 1024). */
const someBytes = z
  .union([z.int().nonnegative(), z.string().regex(sizeForm)], {
    error: 'It must be a size: a whole number of bytes, or a number with B, kB, MB or GB such as 16MB.',
  })
  .transform((written) => (typeof written === 'number' ? written : amount(written, sizeForm, bytesPerUnit)));

export const bytesSchema = (text: string): z.ZodType<number> => someBytes.prefault(text);

/** The same where it may be left out; at least a kilobyte, which is rsync's unit. */
export const optionalBytesSchema = (): z.ZodType<number | undefined> =>
  someBytes.refine((bytes) => bytes >= 1024, { error: 'It must be at least 1kB.' }).optional();
