import type { Machine } from '../machine/machine.ts';
import type { FaultKind } from './fault.ts';

/** One fault that struck, for those who judge whether a term had to end. */
export interface Strike {
  readonly kind: FaultKind;
  readonly node: Machine;
  readonly begunAt: number;
  endedAt: number | undefined;
  /** Everything was at rest before it. */
  readonly isFirst: boolean;
  /** etcd was led from this node. */
  readonly ledEtcd: boolean;
}

export interface StrikesParts {
  readonly now: () => number;
  readonly isAtRest: () => boolean;
  readonly etcdLeader: () => string | undefined;
}

export class Strikes {
  readonly #parts: StrikesParts;
  #all: Strike[] = [];

  constructor(parts: StrikesParts) {
    this.#parts = parts;
  }

  begin(kind: FaultKind, node: Machine): Strike {
    const { now, isAtRest, etcdLeader } = this.#parts;
    const strike = {
      kind,
      node,
      begunAt: now(),
      endedAt: undefined,
      isFirst: isAtRest(),
      ledEtcd: etcdLeader() === node.name,
    };
    this.#all.push(strike);
    return strike;
  }

  /** It could not strike. */
  forget(strike: Strike): void {
    this.#all = this.#all.filter((other) => other !== strike);
  }

  /** Those that are not over, or have been over for less than `ms`. */
  within(ms: number): readonly Strike[] {
    const { now } = this.#parts;
    return this.#all.filter(({ endedAt }) => (endedAt ?? now()) + ms >= now());
  }
}
