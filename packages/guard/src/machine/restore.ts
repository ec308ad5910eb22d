import type { GuardPlan, Instant } from '@hamn/core';
import type { StoredRecord } from '../record/record-file.ts';
import { blank, type GuardState } from './state.ts';

/** What was found of an earlier guard. `absent`: no file; `unreadable`: a file that says nothing sure. */
export type Found<T> =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'read'; readonly value: T };

export interface Restored {
  readonly state: GuardState;
  readonly act?: string;
}

/**
 * How a guard that starts goes on. A record of this boot whose deadline is ahead is kept; whatever is not surely harmless counts as
 * expired. A boot's first guard finds nothing and is harmless: nothing was ever armed.
 */
export function restore(
  record: Found<StoredRecord>,
  plan: Found<GuardPlan>,
  bootId: string,
  now: Instant,
): Restored {
  const base: GuardState = { ...blank, plan: plan.kind === 'read' ? plan.value : undefined };
  if (record.kind === 'absent' && plan.kind === 'absent') return { state: base };
  if (record.kind === 'absent') return expired(base, "The guard's record is missing although it had a plan.");
  if (record.kind === 'unreadable')
    return expired(base, `The guard's record cannot be read: ${record.reason}.`);
  const stored = record.value;
  if (stored.bootId !== bootId || bootId === '')
    return expired(base, "The guard's record is of another boot.");
  const state: GuardState = { ...base, record: stored.record, lastAct: stored.lastAct };
  if (stored.phase === 'harmless') return { state };
  if (stored.phase !== 'armed' || stored.record === undefined)
    return expired(state, `The guard was ${stored.phase} when it stopped.`);
  if (stored.record.deadline <= now)
    return expired(state, `The deadline of term ${stored.record.token} passed while no guard ran.`);
  if (state.plan === undefined) return expired(state, "The armed guard's plan cannot be read.");
  return { state: { ...state, phase: 'armed' } };
}

const expired = (state: GuardState, act: string): Restored => ({ state: { ...state, phase: 'acting' }, act });
