import { regressions } from '../fixtures/regressions.ts';
import { type Plant, unplanted } from '../plant/plant.ts';
import { plants } from '../plant/plants.ts';
import { type Hunt, hunt } from './hunt.ts';
import { judgeSeed, type SeedVerdict } from './judge-seed.ts';

/** One piece of work for a worker thread, by names and numbers only: code does not travel. */
export type Job =
  | { readonly kind: 'seed'; readonly seed: number; readonly plant: string; readonly twice: boolean }
  | { readonly kind: 'regression'; readonly index: number }
  | { readonly kind: 'hunt'; readonly plant: string };

export type JobResult =
  | { readonly kind: 'verdict'; readonly verdict: SeedVerdict }
  | { readonly kind: 'hunt'; readonly hunt: Hunt };

export const plantOf = (name: string): Plant | undefined =>
  name === unplanted.name ? unplanted : plants.find((plant) => plant.name === name);

export async function work(job: Job): Promise<JobResult> {
  if (job.kind === 'regression') {
    const found = regressions[job.index];
    if (found === undefined) throw new Error(`There is no regression ${job.index}.`);
    return { kind: 'verdict', verdict: await judgeSeed({ ...found, plant: unplanted, twice: false }) };
  }
  const plant = plantOf(job.plant);
  if (plant === undefined) throw new Error(`There is no planted bug '${job.plant}'.`);
  if (job.kind === 'hunt') return { kind: 'hunt', hunt: await hunt(plant) };
  return { kind: 'verdict', verdict: await judgeSeed({ seed: job.seed, plant, twice: job.twice }) };
}
