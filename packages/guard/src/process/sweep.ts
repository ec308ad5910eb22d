import type { GuardNote, GuardPlan } from '@hamn/core';
import { bootClock, type Network } from '@hamn/linux';
import { removeVips } from '../act/round.ts';

/** A process that adds the address again and again is told of this often. */
const tellEveryMs = 10_000;

/** Takes VIPs off a node that holds no term. One sweep at a time. */
export class Sweep {
  readonly #network: Network;
  readonly #tell: (event: string, level: GuardNote['level'], message: string) => void;
  #underWay: Promise<void> | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(network: Network, tell: (event: string, level: GuardNote['level'], message: string) => void) {
    this.#network = network;
    this.#tell = tell;
  }

  /** Ends with the sweep that is under way, if one is. */
  async ended(): Promise<void> {
    await this.#underWay;
  }

  begin(plan: GuardPlan): void {
    if (this.#underWay !== undefined) return;
    this.#underWay = removeVips(plan, this.#network).then(({ removed, left }) => {
      this.#underWay = undefined;
      if (removed.length + left.length === 0 || bootClock.now() < this.#toldAt + tellEveryMs) return;
      this.#toldAt = bootClock.now();
      if (removed.length > 0)
        this.#tell(
          'guard.vip-removed',
          'warn',
          `A VIP was on this node, which holds no term; it was removed: ${removed.join(', ')}.`,
        );
      if (left.length > 0)
        this.#tell(
          'guard.vip-stays',
          'error',
          `A VIP is on this node, which holds no term, and it did not go: ${left.join(', ')}.`,
        );
    });
  }
}
