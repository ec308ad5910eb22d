import {
  type Failure,
  fail,
  type GroupView,
  modOf,
  ok,
  type PauseValue,
  presentValue,
  type RequestValue,
  type Result,
  readGroup,
} from '@hamn/core';
import type { StorePort } from '../ports/store.ts';
import { removeKey, type WriteFailure, writeKey } from './write-key.ts';

const settleMs = 3000;

/**
 * What an admin may ask of a group, written as keys: by hamnd for hamnctl, and by hamnctl itself where hamnd does not run. `view` is a fresh
 * linearizable read; nothing is written if the term, or the key, has changed since.
 */

/** `make` is given the token that the wish is made under. A wish that is void or cannot be read is replaced; another one stands. */
export async function placeRequest(
  store: StorePort,
  view: GroupView,
  make: (token: number) => RequestValue,
  nowWallMs: number,
): Promise<Result<RequestValue, WriteFailure>> {
  const { leader, request } = view;
  if (leader.kind !== 'present')
    return fail(
      'refused',
      'The group has no term, so there is nothing to change. `hamnctl status` says more.',
    );
  const standing = againstRequest(view, nowWallMs);
  if (standing !== undefined) return fail('refused', standing);
  const value = make(Number(leader.mod));
  const written = await writeKey(store, 'request', value, [
    { key: 'request', mod: modOf(request) },
    { key: 'leader', mod: leader.mod },
  ]);
  return written.ok ? ok(value) : settle(store, value, written.error, nowWallMs);
}

function againstRequest({ request }: GroupView, nowWallMs: number): string | undefined {
  const pending = presentValue(request);
  if (pending === undefined || pending.expiresWallMs <= nowWallMs) return undefined;
  return `A ${pending.kind} that ${pending.by} asked for is not finished yet. Wait for its end.`;
}

/** A wish may be carried out and gone before its lost answer is looked for; one that was refused may have met another. */
async function settle(
  store: StorePort,
  value: RequestValue,
  error: Failure<WriteFailure>,
  nowWallMs: number,
): Promise<Result<RequestValue, WriteFailure>> {
  const again = await store.read(settleMs);
  if (!again.ok) return { ok: false, error };
  const view = readGroup(again.value);
  if (presentValue(view.outcome)?.id === value.id) return ok(value);
  const standing = error.code === 'refused' ? againstRequest(view, nowWallMs) : undefined;
  return standing === undefined ? { ok: false, error } : fail('refused', standing);
}

/** An earlier pause stays as it is: its admin is still at work. One that nobody can read is replaced. */
export async function placePause(
  store: StorePort,
  group: string,
  view: GroupView,
  value: PauseValue,
): Promise<Result<string, WriteFailure>> {
  const pause = presentValue(view.pause);
  if (pause !== undefined) {
    const reason = pause.reason === '' ? '' : ` (${pause.reason})`;
    return fail(
      'refused',
      `The group ${group} is paused already, by ${pause.by} since ${utc(pause.sinceWallMs)}${reason}. \`hamnctl resume\` ends that pause.`,
    );
  }
  const written = await writeKey(store, 'pause', value, [{ key: 'pause', mod: modOf(view.pause) }]);
  if (!written.ok) return written;
  return ok(
    `The group ${group} is paused: nobody takes over by itself until \`hamnctl resume\`. Renewals and the guard go on.`,
  );
}

export async function liftPause(
  store: StorePort,
  group: string,
  view: GroupView,
): Promise<Result<string, WriteFailure>> {
  if (view.pause.kind === 'absent') return fail('refused', `The group ${group} is not paused.`);
  const removed = await removeKey(store, 'pause', view.pause.mod);
  return removed.ok ? ok(`The group ${group} is no longer paused.`) : removed;
}

const utc = (wallMs: number): string =>
  `${new Date(wallMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
