import type { Instant, LockValue, Result, Revision } from '@hamn/core';
import type { StoreFailure } from './store.ts';

/** A lock that is ours for as long as its lease lives. */
export interface HeldLock {
  readonly name: string;
  readonly lease: bigint;
  /** The mod-revision of the lock's key: it only grows from one holder to the next. */
  readonly token: Revision;
  /** Before the lease was asked for: its time counts from here at the earliest. */
  readonly sentAt: Instant;
}

/** A lock as it stands in the store. `value` is undefined where its text is none of hamn's. */
export interface SeenLock {
  readonly name: string;
  readonly token: Revision;
  readonly value: LockValue | undefined;
}

export type LockTake =
  | { readonly kind: 'taken'; readonly held: HeldLock }
  | { readonly kind: 'held'; readonly by: SeenLock }
  /** It is not ours, and what was begun is ended or ends with its lease. */
  | { readonly kind: 'failed'; readonly message: string };

/** Locks on etcd leases. No call throws; each ends within its limit. */
export interface LockPort {
  /** Takes the lock if nobody has it, in one transaction, on a new lease. */
  take(name: string, value: LockValue, limitMs: number): Promise<LockTake>;
  /**
   * `kept`: the lease was renewed after this call began, by a leader of etcd that a majority followed, and the key is still ours.
   * `lost`: the lease or the key is gone, by etcd's own word. `unknown`: anything else; it may or may not have been renewed.
   */
  renew(held: HeldLock, limitMs: number): Promise<'kept' | 'lost' | 'unknown'>;
  /** Ends the lease, and the key with it. */
  release(held: HeldLock, limitMs: number): Promise<Result<undefined, StoreFailure>>;
  list(limitMs: number): Promise<Result<readonly SeenLock[], StoreFailure>>;
  close(): void;
}
