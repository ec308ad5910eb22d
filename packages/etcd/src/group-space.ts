import { type GroupKey, groupPrefix, isGroupKey, type RawEntry, type RawGroup, revision } from '@hamn/core';
import { afterPrefix, type KeyRange, type KeyValue, type KvOp, underPrefix } from './wire/kv.ts';
import type { Header } from './wire/rpc.ts';

/** Where one group's keys are in etcd. */
export class GroupSpace {
  readonly #prefix: string;

  constructor(options: { readonly cluster: string; readonly group: string }) {
    this.#prefix = groupPrefix(options.cluster, options.group);
  }

  path(key: GroupKey): string {
    return this.#prefix + key;
  }

  /** The key's name in the group; undefined for a key that hamn does not know. */
  name(path: string): GroupKey | undefined {
    const name = path.slice(this.#prefix.length);
    return path.startsWith(this.#prefix) && isGroupKey(name) ? name : undefined;
  }

  everything(): KeyRange {
    return underPrefix(this.#prefix);
  }

  folder(folder: GroupKey): KeyRange {
    return underPrefix(this.path(folder));
  }

  /** Reads at one revision all of the group but its history, which grows. */
  viewOps(): readonly KvOp[] {
    const history = `${this.#prefix}history/`;
    return [
      { range: { key: this.#prefix, end: history } },
      { range: { key: afterPrefix(history), end: afterPrefix(this.#prefix) } },
    ];
  }

  entries(keyValues: Iterable<KeyValue>): ReadonlyMap<GroupKey, RawEntry> {
    const entries = new Map<GroupKey, RawEntry>();
    for (const { key, value, mod } of keyValues) {
      const name = this.name(key);
      if (name !== undefined) entries.set(name, { value, mod: revision(mod) });
    }
    return entries;
  }

  group(header: Header, keyValues: Iterable<KeyValue>): RawGroup {
    return {
      revision: revision(header.revision),
      clusterId: header.clusterId,
      entries: this.entries(keyValues),
    };
  }
}
