import { type Revision, revision } from '../brands.ts';
import type { RawGroup } from '../group/store.ts';
import { type Entry, readEntry } from '../group/view.ts';
import type { Result } from '../result.ts';
import { readRecords, type ServiceNodesValue } from './records.ts';
import { type ServiceNodesView, serviceNodesViewSchema } from './view-value.ts';
import { isWishKey, type ServiceNodeWish, serviceNodeWishSchema } from './wish.ts';

/** What a group's keys hold of service nodes, at one revision. */
export interface ServiceNodesKeys {
  readonly records: Result<ServiceNodesValue, 'unreadable'>;
  readonly recordsMod: Revision;
  readonly view: Entry<ServiceNodesView>;
  /** The oldest first; a wish that cannot be read is none, and the next one replaces it. */
  readonly wishes: readonly { readonly wish: ServiceNodeWish; readonly mod: Revision }[];
}

export function readServiceNodes({ entries }: RawGroup): ServiceNodesKeys {
  const records = entries.get('serviceNodes');
  const wishes = [...entries].flatMap(([key, entry]) => {
    if (!isWishKey(key)) return [];
    const read = readEntry(entry, serviceNodeWishSchema, key);
    return read.kind === 'present' ? [{ wish: read.value, mod: read.mod }] : [];
  });
  return {
    records: readRecords(records?.value),
    recordsMod: records?.mod ?? revision(0),
    view: readEntry(entries.get('serviceNodesView'), serviceNodesViewSchema, 'serviceNodesView'),
    wishes: wishes.sort((a, b) => a.wish.madeWallMs - b.wish.madeWallMs),
  };
}
