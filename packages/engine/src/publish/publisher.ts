import { between, type Instant, type MemberValue, memberKey, type NodeId } from '@hamn/core';
import type { Ports } from '../ports/all.ts';

const memberTtlSeconds = 10;
const steadyEveryMs = 2000;
const changedEveryMs = 200;
const announceMs = 1000;

/** Keeps `members/<node>` current: at once when something that others decide by changes, else now and then. */
export class Publisher {
  readonly #ports: Ports;
  readonly #me: NodeId;
  #lastMark = '';
  #lastAt = Number.NEGATIVE_INFINITY;
  #busy = false;
  #answeredAt: Instant | undefined;

  constructor(me: NodeId, ports: Ports) {
    this.#me = me;
    this.#ports = ports;
  }

  /** Milliseconds since etcd last committed a publication of this node; undefined before the first. It needs etcd's quorum. */
  get etcdSilentMs(): number | undefined {
    return this.#answeredAt === undefined ? undefined : between(this.#answeredAt, this.#ports.clock.now());
  }

  offer(member: MemberValue): void {
    const now = this.#ports.clock.now();
    const mark = markOf(member);
    const least = mark === this.#lastMark ? steadyEveryMs : changedEveryMs;
    if (this.#busy || now < this.#lastAt + least) return;
    this.#busy = true;
    this.#lastAt = now;
    const value = JSON.stringify(member);
    this.#ports.store.announce(memberKey(this.#me), value, memberTtlSeconds, announceMs).then(
      (announced) => {
        this.#busy = false;
        if (!announced.ok) return;
        this.#lastMark = mark;
        this.#answeredAt = this.#ports.clock.now();
      },
      () => {
        this.#busy = false;
      },
    );
  }
}

/** All but the LSNs, a copy’s progress and the rules’ reasons, which change all the time and wait for the next steady publication. */
function markOf(member: MemberValue): string {
  const { postgres, rules: _rules, ...rest } = member;
  const copy = postgres?.copy === undefined ? undefined : `${postgres.copy.kind} ${postgres.copy.from}`;
  const steady = { ...postgres, lsn: undefined, replayedLsn: undefined, copy };
  return JSON.stringify({ ...rest, postgres: steady });
}
