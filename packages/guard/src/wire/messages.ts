import type { Failure, FencingToken, GuardAct, GuardPlan, GuardView, Instant } from '@hamn/core';
import type { ArmOrder } from '@hamn/engine';
import type { Refusal } from '../machine/state.ts';
import {
  actOf,
  armOrderOf,
  fieldsOf,
  instantOf,
  listOf,
  noteOf,
  planOf,
  recordOf,
  textOf,
  tokenOf,
  watchdogOf,
} from './decode.ts';

/** One JSON object a line, both ways. Each request has an id of the asker's; its answer repeats it. */

export type Order =
  /** `told`: every note up to this instant has been told, and may be forgotten. */
  | { readonly kind: 'observe'; readonly told?: Instant | undefined }
  | { readonly kind: 'arm'; readonly order: ArmOrder }
  | { readonly kind: 'extend'; readonly token: FencingToken; readonly deadline: Instant }
  | { readonly kind: 'plan'; readonly plan: GuardPlan }
  | { readonly kind: 'demote'; readonly reason: string };

export interface Request {
  readonly id: number;
  readonly order: Order;
}

export type Answer =
  | { readonly id: number; readonly ok: true; readonly view?: GuardView; readonly act?: GuardAct }
  | { readonly id: number; readonly ok: false; readonly error: Failure<Refusal> };

/** Sent to everybody without being asked, when the guard's phase changed by itself. */
export interface Notice {
  readonly notice: 'acted';
  readonly act: GuardAct;
}

/** Undefined when the line is no request: it has no id to answer to. `order` undefined: it has one, and the order makes no sense. */
export function readRequest(
  line: string,
): { readonly id: number; readonly order: Order | undefined } | undefined {
  const fields = fieldsOf(parse(line));
  const id = fields?.['id'];
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return undefined;
  return { id, order: orderOf(fieldsOf(fields?.['order'])) };
}

function orderOf(fields: Readonly<Record<string, unknown>> | undefined): Order | undefined {
  switch (fields?.['kind']) {
    case 'observe': {
      const told = instantOf(fields['told']);
      return { kind: 'observe', ...(told === undefined ? {} : { told }) };
    }
    case 'arm': {
      const order = armOrderOf(fields['order']);
      return order && { kind: 'arm', order };
    }
    case 'extend': {
      const token = tokenOf(fields['token']);
      const deadline = instantOf(fields['deadline']);
      return token === undefined || deadline === undefined ? undefined : { kind: 'extend', token, deadline };
    }
    case 'plan': {
      const plan = planOf(fields['plan']);
      return plan && { kind: 'plan', plan };
    }
    case 'demote': {
      const reason = textOf(fields['reason']);
      return reason === undefined ? undefined : { kind: 'demote', reason };
    }
    default:
      return undefined;
  }
}

const refusals: readonly string[] = [
  'expired',
  'wrong-token',
  'not-harmless',
  'no-plan',
  'refused',
] satisfies readonly Refusal[];

const isRefusal = (code: string | undefined): code is Refusal =>
  code !== undefined && refusals.includes(code);

/** What the guard sent, or undefined for a line that is neither answer nor notice. */
export function readAnswer(line: string): Answer | Notice | undefined {
  const fields = fieldsOf(parse(line));
  if (fields?.['notice'] === 'acted') {
    const act = actOf(fields['act']);
    return act && { notice: 'acted', act };
  }
  const id = fields?.['id'];
  if (typeof id !== 'number') return undefined;
  if (fields?.['ok'] === true) return successOf(id, fields);
  const error = fieldsOf(fields?.['error']);
  const code = textOf(error?.['code']);
  if (!isRefusal(code)) return undefined;
  return {
    id,
    ok: false,
    error: { code, message: textOf(error?.['message']) ?? 'The guard gave no reason.' },
  };
}

function successOf(id: number, fields: Readonly<Record<string, unknown>>): Answer {
  const view = viewFrom(fields['view']);
  const act = actOf(fields['act']);
  return { id, ok: true, ...(view === undefined ? {} : { view }), ...(act === undefined ? {} : { act }) };
}

function viewFrom(value: unknown): GuardView | undefined {
  const fields = fieldsOf(value);
  const state = fields?.['state'];
  if (state !== 'harmless' && state !== 'armed' && state !== 'acting' && state !== 'failed') return undefined;
  return {
    state,
    record: recordOf(fields?.['record']),
    lastAct: actOf(fields?.['lastAct']),
    watchdog: watchdogOf(fields?.['watchdog']),
    notes: listOf(fields?.['notes'], noteOf),
  };
}

export const line = (message: Request | Answer | Notice): string => `${JSON.stringify(message)}\n`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
