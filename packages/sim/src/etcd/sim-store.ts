import {
  done,
  type EtcdLeaderView,
  fail,
  type GroupKey,
  ok,
  type RawEntry,
  type RawGroup,
  type Result,
  type StoreTxn,
  type TxnOutcome,
} from '@hamn/core';
import type { StoreFailure, StorePort } from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { Scheduler } from '../base/scheduler.ts';
import type { Network } from '../machine/network.ts';
import type { Process } from '../machine/process.ts';
import { request } from '../machine/request.ts';
import type { Etcd } from './etcd.ts';
import { Watch, wentBack } from './watch.ts';

/** What faults do to one node's dealings with etcd. */
export interface StoreTroubles {
  lostReplyShare: number;
  slowReplyMs: number;
  watch: 'stalled' | 'dead' | undefined;
  /** A member that cannot answer now keeps a transaction for at least so long. */
  patienceMs: number;
  /** Requests arrive twice, the second time up to some seconds later. */
  twiceShare: number;
  /** Keepalives are answered well, whatever became of the lease. */
  staleKeepAlives: boolean;
}

export const noTroubles = (): StoreTroubles => ({
  lostReplyShare: 0,
  slowReplyMs: 0,
  watch: undefined,
  patienceMs: 0,
  twiceShare: 0,
  staleKeepAlives: false,
});

export interface StoreParts {
  readonly me: string;
  readonly etcd: Etcd;
  readonly process: Process;
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly troubles: StoreTroubles;
  readonly toWorldMs: (localMs: number) => number;
  readonly isWitness: (host: string) => boolean;
  /** A transaction leaves this node. */
  readonly sent: (txn: StoreTxn) => void;
}

const pollMs = 40;
const latestCopyMs = 4000;

/** etcd as one hamnd sees it. A transaction whose caller was told `unknown` may still commit, up to seconds later. */
export class SimStore implements StorePort {
  readonly #parts: StoreParts;
  readonly #announced = new Map<GroupKey, { value: string; ttlMs: number }>();
  #endpoint = 0;
  #received: RawGroup | undefined;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  async read(timeoutMs: number): Promise<Result<RawGroup, StoreFailure>> {
    const before = this.#received;
    const read = await this.#call<RawGroup, StoreFailure>(timeoutMs, 0, () => ok(this.#parts.etcd.group));
    if (!read.ok) return read;
    return ok(wentBack(read.value, before));
  }

  async transact(txn: StoreTxn, timeoutMs: number): Promise<TxnOutcome> {
    const { random, etcd, troubles, sent } = this.#parts;
    const drawn = random.chance(0.15) ? random.between(0, 5000) : timeoutMs * random.between(0.3, 1);
    const patience = Math.max(drawn, troubles.patienceMs);
    sent(txn);
    const done = await this.#call(timeoutMs, patience, () => {
      if (random.chance(troubles.twiceShare)) this.#again(txn);
      return ok(etcd.keys.apply(txn));
    });
    return done.ok ? done.value : { kind: 'unknown', reason: done.error.message };
  }

  list(folder: GroupKey, timeoutMs: number): Promise<Result<ReadonlyMap<GroupKey, RawEntry>, StoreFailure>> {
    const { etcd } = this.#parts;
    return this.#call(timeoutMs, 0, () =>
      ok(new Map([...etcd.keys.history].filter(([key]) => key.startsWith(folder)))),
    );
  }

  watch(onGroup: (group: RawGroup) => void): void {
    const { etcd, process, random, troubles } = this.#parts;
    const watch = new Watch(
      {
        etcd,
        process,
        random,
        reaches: () => this.#serving() !== undefined,
        trouble: () => troubles.watch,
      },
      (group) => {
        this.#received = group;
        onGroup(group);
      },
    );
    etcd.keys.onCommit((commit) => watch.offer(commit.after));
    etcd.onGap(() => watch.gap());
  }

  async announce(
    key: GroupKey,
    value: string,
    ttlSeconds: number,
    timeoutMs: number,
  ): Promise<Result<undefined, StoreFailure>> {
    const { etcd, me } = this.#parts;
    const first = this.#announced.size === 0;
    const ttlMs = Math.max(2, ttlSeconds) * 1000;
    this.#announced.set(key, { value, ttlMs });
    if (first) this.#keepAlive();
    return this.#call(timeoutMs, 0, () => {
      etcd.announce(key, value, ttlMs, me);
      return done;
    });
  }

  withdraw(key: GroupKey, timeoutMs: number): Promise<Result<undefined, StoreFailure>> {
    this.#announced.delete(key);
    return this.#call(timeoutMs, 0, () => {
      this.#parts.etcd.withdraw(key);
      return done;
    });
  }

  leader(timeoutMs: number): Promise<Result<EtcdLeaderView, StoreFailure>> {
    const { etcd, me, isWitness } = this.#parts;
    return this.#call(timeoutMs, 0, () => {
      const hosts = etcd.quorum.hosts.filter((host) => host !== me && etcd.quorum.serves(host));
      const others = hosts
        .sort((a, b) => Number(isWitness(b)) - Number(isWitness(a)))
        .map((host) => ({ memberId: `m-${host}`, node: host }));
      return ok({ onThisNode: etcd.quorum.leader === me, others });
    });
  }

  moveLeader(memberId: string, timeoutMs: number): Promise<Result<undefined, StoreFailure>> {
    const { etcd, me } = this.#parts;
    return this.#call(timeoutMs, 0, () => {
      const to = memberId.slice(2);
      const moved = etcd.quorum.leader === me && etcd.quorum.move(to);
      return moved ? done : fail('no-such-member', `etcd’s leadership could not be moved to ${to}.`);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** An endpoint that would answer now. */
  #serving(): string | undefined {
    const { etcd, network, me } = this.#parts;
    return etcd.quorum.hosts.find((host) => network.connects(me, host) && etcd.quorum.serves(host));
  }

  /** One request at one endpoint: the own member first; after a failure the next one. */
  async #call<T, E extends string>(
    timeoutMs: number,
    patienceMs: number,
    apply: () => Result<T, E>,
  ): Promise<Result<T, E | 'timeout'>> {
    const { etcd, me, process, network, random, scheduler, troubles } = this.#parts;
    const hosts = [me, ...etcd.quorum.hosts.filter((host) => host !== me)];
    const endpoint = hosts[this.#endpoint % hosts.length] ?? me;
    const limit = this.#parts.toWorldMs(timeoutMs);
    const late = (): Result<T, E | 'timeout'> =>
      fail('timeout', `etcd at ${endpoint} did not answer within ${timeoutMs} ms.`);
    const answer = await request<Result<T, E | 'timeout'>>(process, limit, late, (reply) => {
      if (!network.passes(me, endpoint) || network.loses(me, endpoint)) return;
      const giveUpAt = scheduler.now + patienceMs;
      const arrive = (): void => {
        if (!etcd.quorum.serves(endpoint)) {
          if (scheduler.now < giveUpAt) scheduler.in(pollMs, arrive);
          return;
        }
        const result = apply();
        if (random.chance(troubles.lostReplyShare)) return;
        const slow = troubles.slowReplyMs > 0 ? random.between(0, troubles.slowReplyMs) : 0;
        if (slow > 0) process.in(slow, () => network.send(endpoint, me, process, () => reply(result)));
        else network.send(endpoint, me, process, () => reply(result));
      };
      scheduler.in(network.latency(me, endpoint) + random.between(0.6, 3), arrive);
    });
    if (!answer.ok && answer.error.code === 'timeout') this.#endpoint += 1;
    else if (answer.ok && random.chance(0.05)) this.#endpoint = 0;
    return answer;
  }

  /** The same request once more: nobody waits for its answer. */
  #again(txn: StoreTxn): void {
    const { scheduler, random, etcd } = this.#parts;
    scheduler.in(random.between(0, latestCopyMs), () => {
      if (etcd.quorum.leader !== undefined) etcd.keys.apply(txn);
    });
  }

  #keepAlive(): void {
    const { process, etcd, me, troubles } = this.#parts;
    process.in(700, () => {
      if (this.#serving() !== undefined && !troubles.staleKeepAlives) {
        for (const [key, { value, ttlMs }] of this.#announced)
          if (!etcd.keepAlive(key, me)) etcd.announce(key, value, ttlMs, me);
      }
      this.#keepAlive();
    });
  }
}
