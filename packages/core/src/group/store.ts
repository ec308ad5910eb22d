import type { Revision } from '../brands.ts';
import type { GroupKey } from './keys.ts';

/** Values as etcd holds them: text and the revision of its last change. */
export interface RawEntry {
  readonly value: string;
  readonly mod: Revision;
}

/** All keys of one group at one revision. `history/` may be left out. */
export interface RawGroup {
  /** The header revision of the read, or the newest revision that the watch has delivered. */
  readonly revision: Revision;
  /** etcd's cluster id, as text; a change of it stops the node with an alarm. */
  readonly clusterId: string;
  readonly entries: ReadonlyMap<GroupKey, RawEntry>;
  /** Set when a linearizable read gave a revision below this one, which this node had received before it asked: etcd itself went back. */
  readonly wentBackFrom?: Revision | undefined;
}

/** `mod` 0 means: the key must not exist. */
export type Compare =
  | { readonly key: GroupKey; readonly mod: Revision }
  | { readonly key: GroupKey; readonly value: string };

export type StoreOp =
  | { readonly put: GroupKey; readonly value: string }
  | { readonly delete: GroupKey }
  | { readonly get: GroupKey };

/** One transaction: all compares hold -> all operations; else nothing is written. */
export interface StoreTxn {
  readonly compares: readonly Compare[];
  readonly ops: readonly StoreOp[];
}

/**
 * What became of a transaction. `committed` and `refused` are definite. `unknown` means that it may yet commit, now or later.
 * `entries` holds what `get` operations read (a key that does not exist is missing).
 */
export type TxnOutcome =
  | {
      readonly kind: 'committed';
      readonly revision: Revision;
      readonly clusterId: string;
      readonly entries: ReadonlyMap<GroupKey, RawEntry>;
    }
  | { readonly kind: 'refused'; readonly revision: Revision; readonly clusterId: string }
  | { readonly kind: 'unknown'; readonly reason: string };
