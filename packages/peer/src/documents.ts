import { fencingToken, type MemberValue, memberSchema, nonce } from '@hamn/core';
import type { PromiseAnswer, PromiseAsk } from '@hamn/engine';

/** Where one hamnd asks another. All below `/peer/v1/` needs a certificate of the cluster's CA. */
export const paths = {
  below: '/peer/v1/',
  /** POST PromiseAsk: PromiseAnswer. */
  promise: '/peer/v1/promise',
  /** GET: MemberValue. */
  member: '/peer/v1/member',
} as const;

type Fields = Readonly<Record<string, unknown>>;

/** Undefined where the text is no JSON object. */
export function parseFields(text: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isFields(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Checked by hand: it is read five times a second, and first thing after a restart. */
export function readAsk(fields: Fields): PromiseAsk | undefined {
  const { group, token, round, termMs, invitation } = fields;
  if (!isText(group) || !isText(round) || typeof invitation !== 'boolean') return undefined;
  if (typeof token !== 'number' || !Number.isSafeInteger(token) || token <= 0) return undefined;
  if (typeof termMs !== 'number' || !Number.isFinite(termMs) || termMs <= 0) return undefined;
  return { group, token: fencingToken(token), round: nonce(round), termMs, invitation };
}

/** A yes must be the literal `true`; whatever cannot be read is no answer at all. */
export function readAnswer(fields: Fields): PromiseAnswer | undefined {
  const { yes, round, reason } = fields;
  if (!isText(round)) return undefined;
  if (yes === true) return { yes, round: nonce(round) };
  return yes === false && typeof reason === 'string' ? { yes, round: nonce(round), reason } : undefined;
}

export function readMember(fields: Fields): MemberValue | undefined {
  const checked = memberSchema.safeParse(fields);
  return checked.success ? checked.data : undefined;
}

/** What a refusal says. */
export const readError = (fields: Fields | undefined): string | undefined =>
  isText(fields?.['error']) ? fields['error'] : undefined;
