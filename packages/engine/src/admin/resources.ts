import {
  fail,
  type GroupView,
  modOf,
  ok,
  presentValue,
  type ResourceSettings,
  type ResourceWishValue,
  type Result,
  revision,
  type UnmanagedValue,
  unmanagedKey,
} from '@hamn/core';
import type { StorePort } from '../ports/store.ts';
import { removeKey, type WriteFailure, writeKey } from './write-key.ts';

/** A resource goes into the admin's hands. */
export async function placeUnmanaged(
  store: StorePort,
  view: GroupView,
  value: UnmanagedValue,
): Promise<Result<string, WriteFailure>> {
  const key = unmanagedKey(value.resource);
  const entry = view.unmanaged.get(value.resource);
  const written = await writeKey(store, key, value, [
    { key, mod: entry === undefined ? revision(0) : modOf(entry) },
  ]);
  if (!written.ok) return written;
  return ok(
    `${value.resource} is in your hands: hamn looks at it and does nothing else, where it belongs. When the role leaves the node it is stopped all the same.`,
  );
}

export async function endUnmanaged(
  store: StorePort,
  view: GroupView,
  resource: string,
): Promise<Result<string, WriteFailure>> {
  const entry = view.unmanaged.get(resource);
  if (entry === undefined || entry.kind === 'absent')
    return fail('refused', `${resource} is in hamn’s hands already.`);
  const removed = await removeKey(store, unmanagedKey(resource), entry.mod);
  const by = presentValue(entry)?.by;
  if (!removed.ok) return removed;
  return ok(`hamn looks after ${resource} again${by === undefined ? '' : ` (${by} had taken it)`}.`);
}

/** Each node follows it once, within a tick of hearing of it. */
export async function placeResourceWish(
  store: StorePort,
  view: GroupView,
  wish: ResourceWishValue,
): Promise<Result<string, WriteFailure>> {
  const key = 'resource-wish';
  const written = await writeKey(store, key, wish, [{ key, mod: modOf(view.resourceWish) }]);
  if (!written.ok) return written;
  const what = wish.resource ?? 'every resource';
  return ok(
    wish.what === 'run'
      ? `${what} runs once more on the primary; \`hamnctl jobs\` shows how it ends.`
      : `The failures of ${what} are forgotten; it is looked at anew on every node.`,
  );
}

/** Why a wish makes no sense for these settings, a sentence with the remedy. */
export function againstResourceWish(
  resources: readonly ResourceSettings[],
  what: ResourceWishValue['what'] | 'unmanaged',
  name: string | undefined,
): string | undefined {
  if (name === undefined)
    return what === 'run' ? 'Say which job is to run: hamnctl jobs lists them.' : undefined;
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) {
    const names = resources.map((resource) => resource.name);
    return `There is no resource '${name}'; there are ${names.join(', ')}.`;
  }
  const { kind } = found.what;
  if (what === 'run' && kind !== 'job')
    return `${name} is of kind ${kind}, not a job: it runs all the time. hamnctl cleanup ${name} forgets its failures.`;
  if (what === 'unmanaged' && kind === 'postgres')
    return 'For the database there is `hamnctl pg maintenance on`.';
  if (what === 'unmanaged' && kind === 'vip')
    return 'A VIP is never in anybody’s hands but hamn’s: two nodes with one address would be worse than none. `hamnctl pause` keeps the role where it is.';
  return undefined;
}
