import { fail, type Intention, type OutcomeValue, ok } from '@hamn/core';
import type { ActionContext } from './actions.ts';
import type { ActionResult } from './executor.ts';

/** Ends an admin's request: it is deleted and its outcome written, in one transaction, if it is still the same request. */
export async function finishRequest(
  intention: Extract<Intention, { kind: 'request.finish' }>,
  context: ActionContext,
): Promise<ActionResult> {
  const { store, clock, journal } = context.ports;
  const entry = context.driver.view().group?.request;
  if (entry?.kind !== 'present' || entry.value.id !== intention.id) return ok({ code: 'gone', data: {} });
  const self = context.driver.me;
  const { id, outcome, message } = intention;
  const value: OutcomeValue = {
    id,
    kind: entry.value.kind,
    outcome,
    message,
    by: self,
    atWallMs: clock.wallMs(),
  };
  const txn = {
    compares: [{ key: 'request', mod: entry.mod } as const],
    ops: [{ delete: 'request' } as const, { put: 'outcome', value: JSON.stringify(value) } as const],
  };
  const done = await store.transact(txn, context.settings.timings.requestMs);
  if (done.kind === 'unknown') return fail('unknown', done.reason);
  journal.write({
    event: 'request.finished',
    level: 'info',
    message: `${entry.value.kind} ${outcome}: ${message}`,
  });
  return ok({ code: outcome, data: {} });
}
