import { type Plant, unplanted } from '../plant/plant.ts';
import { runSeed } from './run-seed.ts';

/** What became of one planted bug. */
export interface Hunt {
  readonly name: string;
  readonly within: number;
  /** The first seed at which a checker fired; undefined: the bug survived. */
  readonly seed: number | undefined;
  readonly checker: string;
  readonly message: string;
}

/** What belongs to the bug itself is no part of the control. */
const withoutBug = ({ wish }: Plant): Plant['wish'] => ({ ...wish, marginMs: undefined });

/** Seeds from 1 on until a checker finds the planted bug. What fires without the bug as well has found something else and counts for nothing. */
export async function hunt(plant: Plant): Promise<Hunt> {
  const { name, within, faults } = plant;
  for (let seed = 1; seed <= within; seed += 1) {
    const found = (await runSeed({ seed, plant })).violation;
    if (found === undefined) continue;
    const control = (await runSeed({ seed, plant: unplanted, wish: withoutBug(plant), faults })).violation;
    if (control === undefined) return { name, within, seed, ...found };
    const message = `Seed ${seed} fails without the bug as well: ${control.checker}: ${control.message}`;
    return { name, within, seed: undefined, checker: '', message };
  }
  return { name, within, seed: undefined, checker: '', message: `No checker fired within ${within} seeds.` };
}
