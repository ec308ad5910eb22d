import {
  type Compare,
  done,
  fail,
  type GroupKey,
  ok,
  type RawEntry,
  type RawGroup,
  revision,
  type StoreTxn,
  type TxnOutcome,
} from '@hamn/core';
import type { StorePort } from '../ports/store.ts';

export interface MemoryStore extends StorePort {
  readonly entries: Map<GroupKey, RawEntry>;
  /** The next transaction commits (or not) and its answer is lost. */
  loseNextAnswer(commits: boolean): void;
  /** Nothing answers any more. */
  silence(): void;
  /** Called before each transaction: somebody else's writes. */
  before: (() => void) | undefined;
}

/** One group's keys in memory, with etcd's compares. */
export function memoryStore(first: Readonly<Record<string, string>> = {}): MemoryStore {
  const entries = new Map<GroupKey, RawEntry>();
  let now = 10;
  for (const [key, value] of Object.entries(first))
    entries.set(key as GroupKey, { value, mod: revision(now) });
  let lost: boolean | undefined;
  let silent = false;
  const holds = (compare: Compare): boolean => {
    const entry = entries.get(compare.key);
    return 'mod' in compare ? (entry?.mod ?? 0) === compare.mod : entry?.value === compare.value;
  };
  const commit = (txn: StoreTxn): boolean => {
    if (!txn.compares.every(holds)) return false;
    now += 1;
    for (const op of txn.ops) {
      if ('put' in op) entries.set(op.put, { value: op.value, mod: revision(now) });
      else if ('delete' in op) entries.delete(op.delete);
    }
    return true;
  };
  const header = (): { revision: RawGroup['revision']; clusterId: string } => ({
    revision: revision(now),
    clusterId: '1',
  });
  const store: MemoryStore = {
    entries,
    before: undefined,
    loseNextAnswer: (commits) => {
      lost = commits;
    },
    silence: () => {
      silent = true;
    },
    read: () =>
      Promise.resolve(
        silent
          ? fail('unreachable', 'No endpoint of etcd answered.')
          : ok({
              ...header(),
              entries: new Map([...entries].filter(([key]) => !key.startsWith('history/'))),
            }),
      ),
    transact: (txn): Promise<TxnOutcome> => {
      store.before?.();
      if (silent) return Promise.resolve({ kind: 'unknown', reason: 'No endpoint of etcd answered.' });
      if (lost !== undefined) {
        if (lost) commit(txn);
        lost = undefined;
        return Promise.resolve({ kind: 'unknown', reason: 'The answer was lost.' });
      }
      return Promise.resolve(
        commit(txn)
          ? { kind: 'committed', ...header(), entries: new Map() }
          : { kind: 'refused', ...header() },
      );
    },
    list: (folder) =>
      Promise.resolve(
        silent
          ? fail('unreachable', 'No endpoint of etcd answered.')
          : ok(new Map([...entries].filter(([key]) => key.startsWith(folder)))),
      ),
    watch: () => undefined,
    announce: () => Promise.resolve(done),
    withdraw: () => Promise.resolve(done),
    leader: () => Promise.resolve(ok({ onThisNode: false, others: [] })),
    moveLeader: () => Promise.resolve(done),
    close: () => Promise.resolve(),
  };
  return store;
}
