import { parseArgs } from 'node:util';
import { formatLine } from '../base/trace.ts';
import type { Plant } from '../plant/plant.ts';
import { unplanted } from '../plant/plant.ts';
import { plants } from '../plant/plants.ts';
import { runMany } from '../run/run-many.ts';
import { runSeed } from '../run/run-seed.ts';
import { describeScenario, summarize } from './text.ts';

const usage = `Usage: npm run sim -- [--seeds N] [--from K] [--plant NAME]     runs N seeds (default 100) from K (default 1), each twice
       npm run sim -- --seed S [--plant NAME]                 runs one seed and prints its trace

Exit codes: 0 every seed passed, 1 a checker fired or a run was not deterministic, 2 wrong usage.
Planted bugs: ${plants.map((plant) => plant.name).join(', ')}
`;

interface Wanted {
  readonly seed: number | undefined;
  readonly seeds: number;
  readonly from: number;
  readonly plant: Plant;
}

/** Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const wanted = read(args);
  if (typeof wanted === 'string') {
    process.stderr.write(`${wanted}\n${usage}`);
    return 2;
  }
  if (wanted === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  return wanted.seed === undefined ? many(wanted) : one(wanted, wanted.seed);
}

async function one({ plant }: Wanted, seed: number): Promise<number> {
  const result = await runSeed({ seed, plant, keepTrace: true });
  process.stdout.write(`${describeScenario(result.scenario)}\n`);
  for (const line of result.lines) process.stdout.write(`${formatLine(line)}\n`);
  const { violation, digest, virtualMs, acknowledged } = result;
  process.stdout.write(
    `seed ${seed}: ${violation === undefined ? 'at rest' : `${violation.checker}: ${violation.message}`}; ` +
      `${(virtualMs / 1000).toFixed(1)} virtual seconds, ${acknowledged} acknowledged writes, trace ${digest}\n`,
  );
  return violation === undefined ? 0 : 1;
}

async function many({ seeds, from, plant }: Wanted): Promise<number> {
  const summary = await runMany({
    seeds,
    from,
    plant,
    onFailure: (failure) =>
      process.stdout.write(
        `seed ${failure.seed}: ${failure.checker} at ${failure.atMs.toFixed(0)} ms: ${failure.message}\n`,
      ),
  });
  process.stdout.write(`${summarize(summary)}\n`);
  return summary.failures.length === 0 ? 0 : 1;
}

/** The wish, undefined for help, or what is wrong with the arguments. */
function read(args: readonly string[]): Wanted | undefined | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        from: { type: 'string' },
        seed: { type: 'string' },
        plant: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return undefined;
    const plant = values.plant === undefined ? unplanted : plants.find((one) => one.name === values.plant);
    if (plant === undefined) return `There is no planted bug '${values.plant}'.`;
    const seed = values.seed === undefined ? undefined : whole(values.seed);
    const seeds = whole(values.seeds ?? '100');
    const from = whole(values.from ?? '1');
    if (Number.isNaN(seed) || Number.isNaN(seeds) || Number.isNaN(from))
      return '--seed, --seeds and --from take whole numbers, 0 or above.';
    return { seed, seeds, from, plant };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const whole = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN);
