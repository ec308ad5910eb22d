import type { NodeId } from '@hamn/core';
import type { Ports } from '../ports/all.ts';

const limitMs = 1000;
/** etcd grants no shorter lease at its default timing. */
const leastTtlSeconds = 2;
/** Put again this often: a slip of somebody's hand must not stand there for the whole term. */
const againEveryMs = 5000;

/** The visible lease of the role: its end nudges candidates to look, and permits nothing. */
export class RoleLease {
  readonly #me: NodeId;
  readonly #ports: Ports;
  #token: number | undefined;
  #putAt = Number.NEGATIVE_INFINITY;

  constructor(me: NodeId, ports: Ports) {
    this.#me = me;
    this.#ports = ports;
  }

  /** `token`: of the term that this node holds now, if it holds one. */
  keep(token: number | undefined, termMs: number): void {
    const { clock, store } = this.#ports;
    const now = clock.now();
    const isDue = token !== undefined && now >= this.#putAt + againEveryMs;
    if (token === this.#token && !isDue) return;
    this.#token = token;
    this.#putAt = now;
    const ttl = Math.max(leastTtlSeconds, Math.ceil(termMs / 1000));
    const change =
      token === undefined
        ? store.withdraw('lease', limitMs)
        : store.announce('lease', JSON.stringify({ holder: this.#me, token }), ttl, limitMs);
    change.then(
      () => undefined,
      () => undefined,
    );
  }
}
