import { after, between, done, type GroupKey, type Instant, ok, type Result } from '@hamn/core';
import type { Cancel, ClockPort, StoreFailure } from '@hamn/engine';
import type { CallFailureCode } from './call-failure.ts';
import { LeaseCalls } from './lease-calls.ts';
import { type ReadDeps, storeFailure } from './reads.ts';

/** The longest that one keep-alive or one mending of a lost lease may take. */
const upkeepLimitMs = 1000;
/** Pause before upkeep that failed is tried again, at another member. */
const retryMs = 200;

export interface AnnouncementOptions {
  readonly key: GroupKey;
  readonly ttlSeconds: number;
}

/**
 * One key on an etcd lease of its own. The lease is renewed by a timer at a third of its time. When etcd does not know it any more, a new one is granted and
 * the key is put again, but only if it is absent: a node that was frozen must not overwrite what its successor announced. Without upkeep the key ends.
 */
export class Announcement {
  readonly ttlSeconds: number;
  readonly #key: GroupKey;
  readonly #calls: LeaseCalls;
  readonly #clock: ClockPort;
  #value: string | undefined;
  #lease: bigint | undefined;
  /** The value that etcd surely holds on this lease. */
  #placed: string | undefined;
  /** A put without an answer may yet commit, over a newer value: put once more at the next upkeep. */
  #doubt = false;
  /** One placement at a time; it never rejects. */
  #placing: Promise<unknown> = Promise.resolve();
  #cancelUpkeep: Cancel | undefined;
  /** When the lease is to be renewed. A put does not renew it, so puts must not postpone this. */
  #renewAt: Instant | undefined;
  #closed = false;

  constructor(options: AnnouncementOptions, deps: ReadDeps) {
    this.#key = options.key;
    this.ttlSeconds = options.ttlSeconds;
    this.#calls = new LeaseCalls(deps);
    this.#clock = deps.clock;
  }

  /** Puts the value, also where it is what etcd should hold already; ends within `limitMs`. */
  put(value: string, limitMs: number): Promise<Result<undefined, StoreFailure>> {
    this.#value = value;
    return this.#queue('always', limitMs);
  }

  /** Ends the upkeep, and the lease with it: the key goes at once, or with its lease where etcd does not answer. */
  async withdraw(limitMs: number): Promise<Result<undefined, StoreFailure>> {
    this.close();
    if (this.#lease === undefined) return done;
    const revoked = await this.#calls.revoke(this.#lease, limitMs);
    return revoked.ok || revoked.error.code === 'not-found' ? done : storeFailure(revoked);
  }

  /** Ends the upkeep and leaves the key to its lease. */
  close(): void {
    this.#closed = true;
    this.#cancelUpkeep?.();
  }

  #queue(
    condition: 'always' | 'if-absent' | 'if-on-this-lease',
    limitMs: number,
  ): Promise<Result<undefined, StoreFailure>> {
    const end = after(this.#clock.now(), limitMs);
    const turn = within(this.#placing, limitMs, this.#clock);
    const placed = turn.then(() => this.#place(condition, end));
    this.#placing = placed;
    return placed;
  }

  async #place(
    condition: 'always' | 'if-absent' | 'if-on-this-lease',
    end: Instant,
  ): Promise<Result<undefined, StoreFailure>> {
    const value = this.#value;
    if (this.#closed || value === undefined) return done;
    // An announcement is always put: somebody may have written over it, and its answer is taken as a sign that etcd commits.
    if (value === this.#placed && condition !== 'always') return done;
    this.#upkeepIn(retryMs);
    const lease = await this.#readyLease(end);
    if (!lease.ok) return storeFailure(lease);
    const wanted = { key: this.#key, value, lease: lease.value };
    const put = await this.#calls.put(wanted, condition, between(this.#clock.now(), end));
    if (!put.ok) {
      this.#doubt = true;
      if (put.error.code === 'not-found') this.#forgetLease();
      return storeFailure(put);
    }
    if (!put.value.succeeded) return this.#yield();
    this.#placed = this.#doubt ? undefined : value;
    this.#doubt = false;
    this.#upkeepWhenDue();
    return done;
  }

  /** Somebody else put the key since: it is theirs, until this node is told to announce again. */
  #yield(): Result<undefined, StoreFailure> {
    this.#value = undefined;
    this.#forgetLease();
    this.#cancelUpkeep?.();
    return done;
  }

  async #readyLease(end: Instant): Promise<Result<bigint, CallFailureCode>> {
    if (this.#lease !== undefined) return ok(this.#lease);
    const askedAt = this.#clock.now();
    const granted = await this.#calls.grant(this.ttlSeconds, between(this.#clock.now(), end));
    if (!granted.ok) return granted;
    this.#lease = granted.value.id;
    this.#renewAt = after(askedAt, this.#everyMs());
    return ok(granted.value.id);
  }

  async #upkeep(): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined) return void (await this.#queue('if-absent', upkeepLimitMs));
    const askedAt = this.#clock.now();
    const kept = await this.#calls.keepAlive(lease, Math.min(upkeepLimitMs, this.#everyMs()));
    if (this.#closed || this.#lease !== lease) return;
    this.#renewAt = after(askedAt, kept === 'kept' ? this.#everyMs() : 0);
    this.#upkeepIn(kept === 'kept' ? this.#everyMs() : retryMs);
    if (kept === 'lost') {
      this.#forgetLease();
      await this.#queue('if-absent', upkeepLimitMs);
    } else if (kept === 'kept') await this.#queue('if-on-this-lease', upkeepLimitMs);
  }

  #forgetLease(): void {
    this.#lease = undefined;
    this.#placed = undefined;
  }

  #everyMs(): number {
    return (this.ttlSeconds * 1000) / 3;
  }

  #upkeepWhenDue(): void {
    const due = this.#renewAt;
    this.#upkeepIn(due === undefined ? this.#everyMs() : Math.max(0, between(this.#clock.now(), due)));
  }

  #upkeepIn(delayMs: number): void {
    this.#cancelUpkeep?.();
    if (!this.#closed) this.#cancelUpkeep = this.#clock.after(delayMs, () => void this.#upkeep());
  }
}

/** Waits for `work`, but not longer than `limitMs`. */
const within = (work: Promise<unknown>, limitMs: number, clock: ClockPort): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(limitMs, resolve);
    void work.then(() => {
      cancel();
      resolve();
    });
  });
