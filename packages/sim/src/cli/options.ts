import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { plantOf } from '../run/job.ts';

/** What a call of the simulator asks for. */
export type Wanted =
  | { readonly kind: 'help' }
  | { readonly kind: 'one'; readonly seed: number; readonly plant: string }
  | { readonly kind: 'mutants'; readonly plant: string | undefined; readonly threads: number }
  | {
      readonly kind: 'many';
      readonly seeds: number;
      readonly from: number;
      /** So many of them run twice, and their traces must be equal. */
      readonly twice: number;
      readonly plant: string;
      readonly threads: number;
    };

const mostThreads = 64;

/** The wish, or what is wrong with the arguments. */
export function readOptions(args: readonly string[]): Wanted | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: '100' },
        from: { type: 'string', default: '1' },
        twice: { type: 'string' },
        seed: { type: 'string' },
        plant: { type: 'string' },
        mutants: { type: 'boolean', default: false },
        threads: { type: 'string', default: String(availableParallelism()) },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    if (values.plant !== undefined && plantOf(values.plant) === undefined)
      return `There is no planted bug '${values.plant}'.`;
    const threads = whole(values.threads);
    if (!(threads >= 1 && threads <= mostThreads))
      return `--threads takes a whole number from 1 to ${mostThreads}.`;
    if (values.mutants) return { kind: 'mutants', plant: values.plant, threads };
    const plant = values.plant ?? 'none';
    const [seeds, from, twice] = [
      whole(values.seeds),
      whole(values.from),
      whole(values.twice ?? values.seeds),
    ];
    const seed = whole(values.seed ?? '0');
    if ([seeds, from, twice, seed].some(Number.isNaN))
      return '--seed, --seeds, --from and --twice take whole numbers, 0 or above.';
    if (values.seed !== undefined) return { kind: 'one', seed, plant };
    return { kind: 'many', seeds, from, twice, plant, threads };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const whole = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN);
