import { done, type LocalFacts, type Result } from '@hamn/core';
import type { LocalPort } from '@hamn/engine';

const keptPromotions = 50;

/** hamnd's own small file: it survives power-offs. */
export class LocalDisk implements LocalPort {
  #facts: LocalFacts = { managed: false, promotions: [] };

  facts(): LocalFacts {
    return this.#facts;
  }

  recordPromotion(token: number, fromTimeline: number): Promise<Result<undefined>> {
    const promotions = [...this.#facts.promotions, { token, fromTimeline }].slice(-keptPromotions);
    this.#facts = { ...this.#facts, promotions };
    return Promise.resolve(done);
  }

  recordManaged(): Promise<Result<undefined>> {
    this.#facts = { ...this.#facts, managed: true };
    return Promise.resolve(done);
  }
}
