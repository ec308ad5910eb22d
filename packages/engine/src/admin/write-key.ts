import { type Compare, done, fail, type GroupKey, type Result, type Revision } from '@hamn/core';
import type { StorePort } from '../ports/store.ts';

const limitMs = 4000;

/** `refused`: definitely not written. `unknown`: it may have been, or may yet be. */
export type WriteFailure = 'refused' | 'unknown';

/** Puts one key when all compares hold. An answer that is not known is settled by reading the key again. */
export async function writeKey(
  store: StorePort,
  key: GroupKey,
  value: unknown,
  compares: readonly Compare[],
): Promise<Result<undefined, WriteFailure>> {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const outcome = await store.transact({ compares, ops: [{ put: key, value: text }] }, limitMs);
  if (outcome.kind === 'committed') return done;
  if (outcome.kind === 'refused')
    return fail(
      'refused',
      'Somebody else changed the group at the same moment. Look at `hamnctl status` and try again.',
    );
  const again = await store.read(limitMs);
  if (again.ok && again.value.entries.get(key)?.value === text) return done;
  return fail(
    'unknown',
    `etcd did not say whether it was written: ${outcome.reason} \`hamnctl status\` shows it if it was.`,
  );
}

/** Deletes one key that has not changed since it was read. */
export async function removeKey(
  store: StorePort,
  key: GroupKey,
  mod: Revision,
): Promise<Result<undefined, WriteFailure>> {
  const outcome = await store.transact({ compares: [{ key, mod }], ops: [{ delete: key }] }, limitMs);
  if (outcome.kind === 'committed') return done;
  if (outcome.kind === 'refused')
    return fail(
      'refused',
      'Somebody else changed it at the same moment. Look at `hamnctl status` and try again.',
    );
  const again = await store.read(limitMs);
  if (again.ok && !again.value.entries.has(key)) return done;
  return fail(
    'unknown',
    `etcd did not say whether it was removed: ${outcome.reason} Look at \`hamnctl status\`.`,
  );
}
