import { join } from 'node:path';
import type { LocalFacts, Result } from '@hamn/core';
import { done } from '@hamn/core';
import type { LocalPort } from '@hamn/engine';
import { readText, writeDurably } from './durable-file.ts';

const keptPromotions = 50;

/** This node's memory on its own disk: `local.json` in the state directory. */
export class LocalFactsFile implements LocalPort {
  readonly #file: string;
  #facts: LocalFacts;

  constructor(stateDirectory: string) {
    this.#file = join(stateDirectory, 'local.json');
    this.#facts = parse(readText(this.#file));
  }

  facts(): LocalFacts {
    return this.#facts;
  }

  async recordPromotion(token: number, fromTimeline: number): Promise<Result<undefined>> {
    const promotions = [
      ...this.#facts.promotions.filter((promotion) => promotion.token !== token),
      { token, fromTimeline },
    ];
    return this.#write({ ...this.#facts, promotions: promotions.slice(-keptPromotions) });
  }

  async recordManaged(): Promise<Result<undefined>> {
    return this.#facts.managed ? done : this.#write({ ...this.#facts, managed: true });
  }

  #write(facts: LocalFacts): Result<undefined> {
    const written = writeDurably(this.#file, `${JSON.stringify(facts)}\n`);
    if (written.ok) this.#facts = facts;
    return written;
  }
}

/** An unreadable file counts as that of a managed node: cleaning up too much is safe, too little is not. */
function parse(text: string | undefined): LocalFacts {
  if (text === undefined) return { managed: false, promotions: [] };
  try {
    const value: unknown = JSON.parse(text);
    if (isFacts(value)) return value;
  } catch {
    // Falls through to the cautious answer.
  }
  return { managed: true, promotions: [] };
}

function isFacts(value: unknown): value is LocalFacts {
  if (typeof value !== 'object' || value === null || !('managed' in value) || !('promotions' in value))
    return false;
  const { managed, promotions } = value;
  return (
    typeof managed === 'boolean' &&
    Array.isArray(promotions) &&
    promotions.every(
      (p: unknown) => typeof p === 'object' && p !== null && 'token' in p && 'fromTimeline' in p,
    )
  );
}
