import { type Revision, revision } from '../brands.ts';
import type { GroupKey } from '../group/keys.ts';
import type { Compare, RawEntry, RawGroup, StoreTxn, TxnOutcome } from '../group/store.ts';

/** A group's keys in a store that is always right: one revision for each transaction that writes. */
export class MiniEtcd {
  #revision: Revision = revision(1);
  #entries = new Map<GroupKey, RawEntry>();
  clusterId = 'c1';

  /** Other nodes' writes: all of them in one revision. */
  put(values: readonly (readonly [GroupKey, string])[], at?: number): void {
    this.#revision = revision(at ?? this.#revision + 1);
    for (const [key, value] of values) this.#entries.set(key, { value, mod: this.#revision });
  }

  remove(key: GroupKey): void {
    this.#revision = revision(this.#revision + 1);
    this.#entries.delete(key);
  }

  group(): RawGroup {
    return { revision: this.#revision, clusterId: this.clusterId, entries: new Map(this.#entries) };
  }

  transact(txn: StoreTxn): TxnOutcome {
    const { clusterId } = this;
    if (!txn.compares.every((compare) => this.#holds(compare)))
      return { kind: 'refused', revision: this.#revision, clusterId };
    if (txn.ops.some((op) => !('get' in op))) this.#revision = revision(this.#revision + 1);
    const entries = new Map<GroupKey, RawEntry>();
    for (const op of txn.ops) {
      if ('put' in op) this.#entries.set(op.put, { value: op.value, mod: this.#revision });
      else if ('delete' in op) this.#entries.delete(op.delete);
      else {
        const found = this.#entries.get(op.get);
        if (found !== undefined) entries.set(op.get, found);
      }
    }
    return { kind: 'committed', revision: this.#revision, clusterId, entries };
  }

  #holds(compare: Compare): boolean {
    const entry = this.#entries.get(compare.key);
    if ('value' in compare) return entry?.value === compare.value;
    return (entry?.mod ?? 0) === compare.mod;
  }
}
