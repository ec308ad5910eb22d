import type { GroupKey, RawGroup, StoreTxn } from '@hamn/core';
import { KeySpace, type Snapshot } from './key-space.ts';
import { Quorum, type QuorumParts } from './quorum.ts';

interface Lease {
  readonly owner: string;
  readonly ttlMs: number;
  expiresAt: number;
}

/** One etcd cluster: contents, quorum and leases. */
export class Etcd {
  readonly quorum: Quorum;
  readonly keys: KeySpace = new KeySpace();
  readonly #parts: QuorumParts;
  readonly #leases = new Map<GroupKey, Lease>();
  readonly #onGap: (() => void)[] = [];

  constructor(hosts: readonly string[], parts: QuorumParts) {
    this.#parts = parts;
    this.quorum = new Quorum(hosts, parts);
    // A new leader gives every lease its whole time again.
    this.quorum.onElected(() => {
      for (const lease of this.#leases.values()) lease.expiresAt = parts.scheduler.now + lease.ttlMs;
    });
    this.#expire();
  }

  get group(): RawGroup {
    return this.keys.group;
  }

  /** Writes by somebody who is always connected: an admin, or the scenario. */
  write(txn: StoreTxn): void {
    this.keys.apply(txn);
  }

  /** Puts a key on a lease of its owner's, or puts it again. */
  announce(key: GroupKey, value: string, ttlMs: number, owner: string): void {
    this.#leases.set(key, { owner, ttlMs, expiresAt: this.#parts.scheduler.now + ttlMs });
    this.keys.apply({ compares: [], ops: [{ put: key, value }] });
  }

  /** False when the lease is gone. */
  keepAlive(key: GroupKey, owner: string): boolean {
    const lease = this.#leases.get(key);
    if (lease?.owner !== owner) return false;
    lease.expiresAt = this.#parts.scheduler.now + lease.ttlMs;
    return true;
  }

  withdraw(key: GroupKey): void {
    this.#leases.delete(key);
    if (this.group.entries.has(key)) this.keys.apply({ compares: [], ops: [{ delete: key }] });
  }

  /** A stalled leader takes live leases for expired ones. */
  revokeLeases(): void {
    for (const key of [...this.#leases.keys()]) this.withdraw(key);
  }

  /** What a watch has not been told yet can no longer be told one by one: the revisions are compacted. */
  compact(): void {
    for (const listener of this.#onGap) listener();
  }

  onGap(listener: () => void): void {
    this.#onGap.push(listener);
  }

  /** The contents are those of a backup, and so are the revisions. */
  restore(snapshot: Snapshot, clusterId: string): void {
    this.#leases.clear();
    this.keys.restore(snapshot, clusterId);
    this.compact();
  }

  #expire(): void {
    const { scheduler } = this.#parts;
    if (this.quorum.leader !== undefined) {
      for (const [key, lease] of this.#leases) if (scheduler.now >= lease.expiresAt) this.withdraw(key);
    }
    scheduler.in(200, () => this.#expire());
  }
}
