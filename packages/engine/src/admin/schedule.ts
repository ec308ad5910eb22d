import { fail, type GroupView, modOf, ok, presentValue, type Result, type ScheduleValue } from '@hamn/core';
import type { StorePort } from '../ports/store.ts';
import { removeKey, type WriteFailure, writeKey } from './write-key.ts';

const utc = (wallMs: number): string =>
  `${new Date(wallMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Created if absent, under the term that `view` shows; a schedule that nobody can read is replaced. */
export async function placeSchedule(
  store: StorePort,
  view: GroupView,
  make: (token: number) => ScheduleValue,
): Promise<Result<string, WriteFailure>> {
  const { leader, schedule } = view;
  if (leader.kind !== 'present' || leader.value.kind !== 'held')
    return fail(
      'refused',
      'Nobody holds the term now, so nothing can be scheduled. `hamnctl status` says more.',
    );
  const standing = presentValue(schedule);
  if (standing !== undefined)
    return fail(
      'refused',
      `A switchover is scheduled already, by ${standing.by} for ${utc(standing.atWallMs)}. \`hamnctl switchover --cancel\` drops it.`,
    );
  const value = make(Number(leader.mod));
  const written = await writeKey(store, 'schedule', value, [
    { key: 'schedule', mod: modOf(schedule) },
    { key: 'leader', mod: leader.mod },
  ]);
  if (!written.ok) return written;
  return ok(
    `A switchover to ${value.to ?? 'the best candidate'} is scheduled for ${utc(value.atWallMs)} by the clock of the node that is primary then. A change of the term before that makes it void.`,
  );
}

export async function cancelSchedule(
  store: StorePort,
  view: GroupView,
): Promise<Result<string, WriteFailure>> {
  if (view.schedule.kind === 'absent') return fail('refused', 'No switchover is scheduled.');
  const removed = await removeKey(store, 'schedule', view.schedule.mod);
  return removed.ok ? ok('The scheduled switchover is dropped.') : removed;
}
