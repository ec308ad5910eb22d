import { type GroupKey, type RawEntry, type RawGroup, revision } from '@hamn/core';
import type { GroupSpace } from './group-space.ts';
import type { WatchAnswer } from './wire/watch.ts';

/** `stale`: older than what is known. `same`: nothing new. */
export type Taken = 'stale' | 'same' | 'changed';

/** The group as this node knows it, put together from reads and watch events. It goes back in revision only where etcd itself did. */
export class GroupMirror {
  readonly #space: GroupSpace;
  #group: RawGroup | undefined;

  constructor(options: { readonly space: GroupSpace }) {
    this.#space = options.space;
  }

  get group(): RawGroup | undefined {
    return this.#group;
  }

  /** `asked`: what was known when the read was sent. A linearizable read below that proves that etcd was restored or lost writes. */
  takeRead(read: RawGroup, asked: RawGroup | undefined = undefined): Taken {
    const known = this.#group;
    if (known === undefined || known.clusterId !== read.clusterId) {
      this.#group = read;
      return 'changed';
    }
    if (asked?.clusterId === read.clusterId && read.revision < asked.revision) {
      this.#group = { ...read, wentBackFrom: asked.revision };
      return 'changed';
    }
    if (read.revision < known.revision) return 'stale';
    this.#group = read;
    return sameEntries(known.entries, read.entries) ? 'same' : 'changed';
  }

  /** Events at or below the known revision are contained in it already. */
  takeEvents(answer: WatchAnswer): Taken {
    const known = this.#group;
    if (known === undefined || known.clusterId !== answer.header.clusterId) return 'stale';
    const entries = new Map(known.entries);
    let newest: number = known.revision;
    let taken: Taken = 'stale';
    for (const { deleted, keyValue } of answer.events) {
      if (keyValue.mod <= known.revision) continue;
      newest = Math.max(newest, keyValue.mod);
      if (taken === 'stale') taken = 'same';
      if (this.#apply(entries, keyValue.key, deleted ? undefined : entryOf(keyValue))) taken = 'changed';
    }
    this.#group = { revision: revision(newest), clusterId: known.clusterId, entries };
    return taken;
  }

  #apply(entries: Map<GroupKey, RawEntry>, path: string, entry: RawEntry | undefined): boolean {
    const name = this.#space.name(path);
    if (name === undefined || name.startsWith('history/')) return false;
    if (entry === undefined) return entries.delete(name);
    entries.set(name, entry);
    return true;
  }
}

const entryOf = (keyValue: { readonly value: string; readonly mod: number }): RawEntry => ({
  value: keyValue.value,
  mod: revision(keyValue.mod),
});

const sameEntries = (a: ReadonlyMap<GroupKey, RawEntry>, b: ReadonlyMap<GroupKey, RawEntry>): boolean =>
  a.size === b.size && [...a].every(([key, entry]) => b.get(key)?.mod === entry.mod);
