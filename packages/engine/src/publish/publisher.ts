import {
  between,
  type Instant,
  leavesNameToAnother,
  type MemberValue,
  memberKey,
  type NodeId,
  type Observation,
} from '@hamn/core';
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

  /** Milliseconds since etcd last committed a publication of this node, or confirmed a read in its place; undefined before the first. Both need etcd's quorum. */
  get etcdSilentMs(): number | undefined {
    return this.#answeredAt === undefined ? undefined : between(this.#answeredAt, this.#ports.clock.now());
  }

  offer(member: MemberValue, seen: Observation): void {
    const now = this.#ports.clock.now();
    if (this.#busy || now < this.#lastAt + changedEveryMs) return;
    const mark = markOf(member);
    if (mark === this.#lastMark && now < this.#lastAt + steadyEveryMs) return;
    this.#busy = true;
    this.#lastAt = now;
    this.#tell(member, leavesNameToAnother(seen)).then(
      (told) => {
        this.#busy = false;
        if (!told) return;
        this.#lastMark = mark;
        this.#answeredAt = this.#ports.clock.now();
      },
      () => {
        this.#busy = false;
      },
    );
  }

  async #tell(member: MemberValue, silent: boolean): Promise<boolean> {
    const { store } = this.#ports;
    if (silent) return (await store.read(announceMs)).ok;
    const value = JSON.stringify(member);
    return (await store.announce(memberKey(this.#me), value, memberTtlSeconds, announceMs)).ok;
  }
}

/**
 * All but the LSNs, a copy’s progress, the rules’ reasons and the instants of services (their second jitters), which change without anything
 * new in them and wait for the next steady publication.
 */
function markOf(member: MemberValue): string {
  const { postgres, rules: _rules, services, ...rest } = member;
  const copy = postgres?.copy === undefined ? undefined : `${postgres.copy.kind} ${postgres.copy.from}`;
  const steady = { ...postgres, lsn: undefined, replayedLsn: undefined, copy };
  return JSON.stringify({
    ...rest,
    postgres: steady,
    services: services?.map((service) => ({ ...service, sinceWallMs: undefined })),
  });
}
