import {
  type Compare,
  type GroupKey,
  type RawEntry,
  type RawGroup,
  type Revision,
  revision,
  type StoreOp,
  type StoreTxn,
  type TxnOutcome,
} from '@hamn/core';

/** One change, as it was committed. */
export interface Commit {
  readonly revision: number;
  readonly txn: StoreTxn;
  readonly before: RawGroup;
  readonly after: RawGroup;
}

/** A backup. */
export interface Snapshot {
  readonly group: RawGroup;
  readonly history: ReadonlyMap<GroupKey, RawEntry>;
}

/** The replicated contents: linearizable by nature, one revision for each writing transaction. */
export class KeySpace {
  #group: RawGroup = { revision: revision(1), clusterId: 'c1', entries: new Map() };
  #history = new Map<GroupKey, RawEntry>();
  readonly #listeners: ((commit: Commit) => void)[] = [];

  /** All keys but `history/`. */
  get group(): RawGroup {
    return this.#group;
  }

  get history(): ReadonlyMap<GroupKey, RawEntry> {
    return this.#history;
  }

  get snapshot(): Snapshot {
    return { group: this.#group, history: new Map(this.#history) };
  }

  restore({ group, history }: Snapshot, clusterId: string): void {
    this.#group = { ...group, clusterId };
    this.#history = new Map(history);
  }

  onCommit(listener: (commit: Commit) => void): void {
    this.#listeners.push(listener);
  }

  apply(txn: StoreTxn): Exclude<TxnOutcome, { kind: 'unknown' }> {
    const before = this.#group;
    const { clusterId } = before;
    if (!txn.compares.every((compare) => this.#holds(compare)))
      return { kind: 'refused', revision: before.revision, clusterId };
    const writes = txn.ops.some((op) => !('get' in op));
    if (writes) this.#write(txn, before);
    const read = new Map<GroupKey, RawEntry>();
    for (const op of txn.ops) {
      if (!('get' in op)) continue;
      const entry = this.#group.entries.get(op.get);
      if (entry !== undefined) read.set(op.get, entry);
    }
    return { kind: 'committed', revision: this.#group.revision, clusterId, entries: read };
  }

  #holds(compare: Compare): boolean {
    const entry = this.#group.entries.get(compare.key);
    if ('mod' in compare) return Number(entry?.mod ?? 0) === Number(compare.mod);
    return entry?.value === compare.value;
  }

  #write(txn: StoreTxn, before: RawGroup): void {
    const next = revision(before.revision + 1);
    const entries = new Map(before.entries);
    for (const op of txn.ops) this.#change(entries, op, next);
    this.#group = { revision: next, clusterId: before.clusterId, entries };
    for (const listener of this.#listeners) listener({ revision: next, txn, before, after: this.#group });
  }

  #change(entries: Map<GroupKey, RawEntry>, op: StoreOp, next: Revision): void {
    if ('delete' in op) entries.delete(op.delete);
    if (!('put' in op)) return;
    const target = op.put.startsWith('history/') ? this.#history : entries;
    target.set(op.put, { value: op.value, mod: next });
  }
}
