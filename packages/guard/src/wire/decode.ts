import {
  type FencingToken,
  fencingToken,
  type GuardAct,
  type GuardMount,
  type GuardNote,
  type GuardPlan,
  type GuardRecord,
  type Instant,
  instant,
  nonce,
  type WatchdogView,
} from '@hamn/core';
import type { ArmOrder } from '@hamn/engine';

/** Reads JSON values by hand: the guard must start fast and carry no schema library. Undefined stands for "not of this shape". */

type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

export const tokenOf = (value: unknown): FencingToken | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? fencingToken(value) : undefined;

export function instantOf(value: unknown): Instant | undefined {
  const number = numberOf(value);
  return number === undefined ? undefined : instant(number);
}

/** Undefined as soon as one item is not of the shape. */
export function listOf<T>(value: unknown, item: (value: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: T[] = [];
  for (const one of value) {
    const read = item(one);
    if (read === undefined) return undefined;
    items.push(read);
  }
  return items;
}

export function recordOf(value: unknown): GuardRecord | undefined {
  const fields = fieldsOf(value);
  const token = tokenOf(fields?.['token']);
  const text = textOf(fields?.['nonce']);
  const deadline = instantOf(fields?.['deadline']);
  const termMs = numberOf(fields?.['termMs']);
  if (token === undefined || text === undefined || deadline === undefined) return undefined;
  if (termMs === undefined || termMs <= 0) return undefined;
  return { token, nonce: nonce(text), deadline, termMs };
}

export function actOf(value: unknown): GuardAct | undefined {
  const fields = fieldsOf(value);
  const reason = textOf(fields?.['reason']);
  const at = instantOf(fields?.['at']);
  const tookMs = numberOf(fields?.['tookMs']);
  const verified = fields?.['verified'];
  if (reason === undefined || at === undefined || tookMs === undefined) return undefined;
  return typeof verified === 'boolean' ? { reason, at, tookMs, verified } : undefined;
}

export function planOf(value: unknown): GuardPlan | undefined {
  const fields = fieldsOf(value);
  const group = textOf(fields?.['group']);
  const units = listOf(fields?.['units'], textOf);
  const vips = listOf(fields?.['vips'], vipOf);
  // A guard and a hamnd of before say nothing of mounts.
  const mounts = listOf(fields?.['mounts'] ?? [], mountOf);
  const directory = fields?.['dataDirectory'] ?? undefined;
  if (group === undefined || units === undefined || vips === undefined || mounts === undefined)
    return undefined;
  if (directory !== undefined && typeof directory !== 'string') return undefined;
  return { group, units, vips, dataDirectory: directory, mounts };
}

function mountOf(value: unknown): GuardMount | undefined {
  const fields = fieldsOf(value);
  const source = textOf(fields?.['source']);
  const target = textOf(fields?.['target']);
  return source === undefined || target === undefined ? undefined : { source, target };
}

function vipOf(value: unknown): GuardPlan['vips'][number] | undefined {
  const fields = fieldsOf(value);
  const address = textOf(fields?.['address']);
  const prefixLength = numberOf(fields?.['prefixLength']);
  const name = textOf(fields?.['interface']);
  if (address === undefined || prefixLength === undefined || name === undefined) return undefined;
  return { address, prefixLength, interface: name };
}

export function armOrderOf(value: unknown): ArmOrder | undefined {
  const record = recordOf(value);
  const plan = planOf(fieldsOf(value)?.['plan']);
  return record === undefined || plan === undefined ? undefined : { ...record, plan };
}

/** Undefined also for a state of a newer guard: what is not understood is not shown. */
export function watchdogOf(value: unknown): WatchdogView | undefined {
  const fields = fieldsOf(value);
  const required = fields?.['required'] === true;
  const reason = textOf(fields?.['reason']);
  const identity = textOf(fields?.['identity']);
  const timeoutMs = numberOf(fields?.['timeoutMs']);
  const leastMs = numberOf(fields?.['leastMs']);
  if (fields?.['state'] === 'off') return { state: 'off' };
  if (fields?.['state'] === 'missing' && reason !== undefined) return { state: 'missing', required, reason };
  if (fields?.['state'] !== 'active' || identity === undefined) return undefined;
  if (timeoutMs === undefined || leastMs === undefined) return undefined;
  return { state: 'active', required, identity, timeoutMs, leastMs };
}

export function noteOf(value: unknown): GuardNote | undefined {
  const fields = fieldsOf(value);
  const at = instantOf(fields?.['at']);
  const event = textOf(fields?.['event']);
  const message = textOf(fields?.['message']);
  const level = fields?.['level'];
  if (at === undefined || event === undefined || message === undefined) return undefined;
  if (level !== 'info' && level !== 'warn' && level !== 'error') return undefined;
  return { at, event, level, message, actAt: instantOf(fields?.['actAt']) };
}
