import { performance } from 'node:perf_hooks';
import type { Plant } from '../plant/plant.ts';
import { runSeed } from './run-seed.ts';

export interface SeedFailure {
  readonly seed: number;
  readonly checker: string;
  readonly atMs: number;
  readonly message: string;
}

export interface Summary {
  readonly seeds: number;
  readonly failures: readonly SeedFailure[];
  /** Of the first run of each seed. */
  readonly virtualMs: number;
  readonly acknowledged: number;
  readonly wallMs: number;
}

export interface ManyOptions {
  readonly seeds: number;
  readonly from: number;
  readonly plant: Plant;
  readonly onFailure?: (failure: SeedFailure) => void;
}

/** Runs each seed twice: the traces must be equal. */
export async function runMany(options: ManyOptions): Promise<Summary> {
  const begun = performance.now();
  const failures: SeedFailure[] = [];
  let virtualMs = 0;
  let acknowledged = 0;
  for (let seed = options.from; seed < options.from + options.seeds; seed += 1) {
    const first = await runSeed({ seed, plant: options.plant });
    const second = await runSeed({ seed, plant: options.plant });
    virtualMs += first.virtualMs;
    acknowledged += first.acknowledged;
    const failure =
      first.digest === second.digest
        ? first.violation
        : {
            checker: 'not deterministic',
            atMs: first.virtualMs,
            message: `its two traces have the hashes ${first.digest} and ${second.digest}.`,
          };
    if (failure === undefined) continue;
    failures.push({ seed, ...failure });
    options.onFailure?.({ seed, ...failure });
  }
  return { seeds: options.seeds, failures, virtualMs, acknowledged, wallMs: performance.now() - begun };
}
