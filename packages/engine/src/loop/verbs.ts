import {
  type Compare,
  fail,
  type Intention,
  maintenanceKey,
  type OutcomeValue,
  ok,
  type RequestValue,
  revision,
  type StoreTxn,
  scheduledLifeMs,
} from '@hamn/core';
import type { ActionContext } from './actions.ts';
import type { ActionResult } from './executor.ts';

type Schedule = Extract<Intention, { kind: 'schedule.begin' | 'schedule.end' }>;

/** A schedule becomes a request of the same id, or an outcome; in one transaction, under the term, and only if it is still the same schedule. */
export async function scheduleAction(intention: Schedule, context: ActionContext): Promise<ActionResult> {
  const { clock } = context.ports;
  const entry = context.driver.view().group?.schedule;
  if (entry?.kind !== 'present' || entry.value.id !== intention.id) return ok({ code: 'gone', data: {} });
  const { id, by, to } = entry.value;
  const nowWallMs = clock.wallMs();
  const compares: Compare[] = [
    { key: 'schedule', mod: entry.mod },
    { key: 'leader', mod: revision(intention.token) },
  ];
  if (intention.kind === 'schedule.begin') {
    const request: RequestValue = {
      id,
      kind: 'switchover',
      token: intention.token,
      ...(to === undefined ? {} : { to }),
      by: `${by} (scheduled)`,
      madeWallMs: nowWallMs,
      expiresWallMs: nowWallMs + scheduledLifeMs,
    };
    compares.push({ key: 'request', mod: revision(0) });
    const ops = [{ delete: 'schedule' }, { put: 'request', value: JSON.stringify(request) }] as const;
    return commit({ compares, ops }, intention.kind, context);
  }
  const outcome: OutcomeValue = {
    id,
    kind: 'scheduled switchover',
    outcome: intention.outcome,
    message: intention.message,
    by: context.driver.me,
    atWallMs: nowWallMs,
  };
  const ops = [{ delete: 'schedule' }, { put: 'outcome', value: JSON.stringify(outcome) }] as const;
  const done = await commit({ compares, ops }, intention.kind, context);
  if (done.ok)
    context.ports.journal.write({ event: 'schedule.dropped', level: 'warn', message: intention.message });
  return done;
}

export const maintenanceOver = (
  intention: Extract<Intention, { kind: 'maintenance.end' }>,
  context: ActionContext,
): Promise<ActionResult> => {
  const key = maintenanceKey(context.driver.me);
  return commit({ compares: [{ key, mod: intention.mod }], ops: [{ delete: key }] }, 'ended', context);
};

async function commit(
  txn: StoreTxn,
  code: string,
  { ports, settings }: ActionContext,
): Promise<ActionResult> {
  const done = await ports.store.transact(txn, settings.timings.requestMs);
  if (done.kind === 'unknown') return fail('unknown', done.reason);
  if (done.kind === 'refused') return fail('refused', 'Somebody else changed it at the same moment.');
  return ok({ code, data: {} });
}
