import type { Plant } from '../plant/plant.ts';
import { type RunOptions, runSeed } from './run-seed.ts';

export interface SeedFailure {
  readonly seed: number;
  readonly checker: string;
  readonly atMs: number;
  readonly message: string;
}

export interface SeedVerdict {
  readonly seed: number;
  readonly failure: SeedFailure | undefined;
  /** Of the first run. */
  readonly virtualMs: number;
  readonly acknowledged: number;
}

export interface JudgeOptions extends Pick<RunOptions, 'wish' | 'faults'> {
  readonly seed: number;
  readonly plant: Plant;
  /** A second run of the seed must leave the same trace. */
  readonly twice: boolean;
}

export async function judgeSeed(options: JudgeOptions): Promise<SeedVerdict> {
  const { seed, twice } = options;
  const first = await runSeed(options);
  const { violation, digest, virtualMs, acknowledged } = first;
  const second = twice ? (await runSeed(options)).digest : digest;
  const found =
    second === digest
      ? violation
      : {
          checker: 'not deterministic',
          atMs: virtualMs,
          message: `Its two traces have the hashes ${digest} and ${second}.`,
        };
  return {
    seed,
    failure: found === undefined ? undefined : { seed, ...found },
    virtualMs,
    acknowledged,
  };
}
