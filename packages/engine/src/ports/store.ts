import type { EtcdLeaderView, GroupKey, RawEntry, RawGroup, Result, StoreTxn, TxnOutcome } from '@hamn/core';

export type StoreFailure = 'unreachable' | 'timeout' | 'denied' | 'no-such-member';

/**
 * The cluster's store (etcd). No call throws; each ends within its limit. A call that fails or is slow at one endpoint is tried at another
 * within the same limit only where that is safe: reads are, transactions are not (an unknown one is re-read by the caller).
 * After an `unknown` or failed call the next call goes to another endpoint first.
 */
export interface StorePort {
  /** A linearizable read of the whole group (without `history/`). */
  read(timeoutMs: number): Promise<Result<RawGroup, StoreFailure>>;
  /** One transaction at one endpoint. `unknown` whenever it may have been, or may yet be, committed. */
  transact(txn: StoreTxn, timeoutMs: number): Promise<TxnOutcome>;
  /** A linearizable read of the entries below a folder such as `history/`, newest last. */
  list(folder: GroupKey, timeoutMs: number): Promise<Result<ReadonlyMap<GroupKey, RawEntry>, StoreFailure>>;
  /**
   * Calls `onGroup` with the whole group after each change (from a watch that resumes by revision, and a re-read now and then).
   * Views never go back in revision within one cluster id, unless etcd itself did (`wentBackFrom`). The watch mends itself for ever; `close` ends it.
   */
  watch(onGroup: (group: RawGroup) => void): void;
  /** Puts a key on an etcd lease of its own that this port keeps alive (least TTL 2 s); a later announce of the key replaces the value. */
  announce(
    key: GroupKey,
    value: string,
    ttlSeconds: number,
    timeoutMs: number,
  ): Promise<Result<undefined, StoreFailure>>;
  /** Ends the lease of an announced key. */
  withdraw(key: GroupKey, timeoutMs: number): Promise<Result<undefined, StoreFailure>>;
  /** Who leads etcd, judged by the members' own status. */
  leader(timeoutMs: number): Promise<Result<EtcdLeaderView, StoreFailure>>;
  /** Asks the leading member (it must be on this node) to hand the leadership to `memberId`. */
  moveLeader(memberId: string, timeoutMs: number): Promise<Result<undefined, StoreFailure>>;
  close(): Promise<void>;
}
