import { type Judgements, noJudgements } from '../service-nodes/judge.ts';
import type { Sample } from '../service-nodes/sample.ts';
import { RoundsWitness } from './service-nodes-checks.ts';

/** One hamnd under one term. */
export interface Primary {
  readonly token: number;
  readonly rounds: RoundsWitness;
  samples: readonly Sample[];
  judgements: Judgements;
  lastNumber: number;
  readonly inFlight: Set<string>;
  /** The text of the records that it read last. */
  basis: string | undefined;
}

export const newPrimary = (token: number): Primary => ({
  token,
  rounds: new RoundsWitness(),
  samples: [],
  judgements: noJudgements,
  lastNumber: 0,
  inFlight: new Set(),
  basis: undefined,
});
