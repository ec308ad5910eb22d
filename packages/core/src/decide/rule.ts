import type { Facts } from './facts.ts';
import type { Intention } from './intention.ts';
import type { Memory } from './memory.ts';

/** safety: a match ends the tick. role: the first match wins. upkeep: all apply. */
export type Band = 'safety' | 'role' | 'upkeep';

export interface Match {
  /** A sentence for a person: why this, now. */
  readonly because: string;
  readonly intentions?: readonly Intention[];
  readonly memory?: Partial<Memory>;
}

export interface Rule {
  readonly id: string;
  readonly band: Band;
  /** What the rule is for, one sentence; docs/states.md is made of these. */
  readonly because: string;
  /** Pure and total; undefined when the rule does not apply. */
  readonly when: (facts: Facts) => Match | undefined;
}
