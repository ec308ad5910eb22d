import { performance } from 'node:perf_hooks';
import { formatLine } from '../base/trace.ts';
import { regressions } from '../fixtures/regressions.ts';
import { unplanted } from '../plant/plant.ts';
import { plants } from '../plant/plants.ts';
import type { Hunt } from '../run/hunt.ts';
import { type Job, plantOf } from '../run/job.ts';
import type { SeedVerdict } from '../run/judge-seed.ts';
import { runPool } from '../run/pool.ts';
import { runSeed } from '../run/run-seed.ts';
import { summaryOf } from '../run/summary.ts';
import { readOptions, type Wanted } from './options.ts';
import {
  describeFailure,
  describeHunt,
  describeScenario,
  huntHead,
  summarize,
  summarizeHunts,
} from './text.ts';

const usage = `Usage: npm run sim -- [--seeds N] [--from K] [--twice M] [--plant NAME]
           runs N seeds (default 100) from K (default 1), M of them (default all) twice, and the seeds that once failed
       npm run sim -- --seed S [--plant NAME]
           runs one seed and prints its trace
       npm run sim -- --mutants [--plant NAME]
           plants each bug (or one) and prints which checker found it, at which seed
       --threads T: how many run at the same time; by default as many as there are cores

Exit codes: 0 every seed passed, or every planted bug was found; 1 a checker fired, a run was not deterministic, or a bug survived; 2 wrong usage.
Planted bugs: ${plants.map((plant) => plant.name).join(', ')}
`;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const wanted = readOptions(args);
  if (typeof wanted === 'string') {
    process.stderr.write(`${wanted}\n${usage}`);
    return 2;
  }
  switch (wanted.kind) {
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'one':
      return one(wanted);
    case 'mutants':
      return mutants(wanted);
    case 'many':
      return many(wanted);
  }
}

async function one({ seed, plant }: Extract<Wanted, { kind: 'one' }>): Promise<number> {
  const result = await runSeed({ seed, plant: plantOf(plant) ?? unplanted, keepTrace: true });
  say(describeScenario(result.scenario));
  for (const line of result.lines) say(formatLine(line));
  const { violation, digest, virtualMs, acknowledged } = result;
  say(
    `seed ${seed}: ${violation === undefined ? 'at rest' : `${violation.checker}: ${violation.message}`}; ` +
      `${(virtualMs / 1000).toFixed(1)} virtual seconds, ${acknowledged} acknowledged writes, trace ${digest}`,
  );
  return violation === undefined ? 0 : 1;
}

function* jobsOf({ seeds, from, twice, plant }: Extract<Wanted, { kind: 'many' }>): Generator<Job> {
  if (plant === unplanted.name)
    for (let index = 0; index < regressions.length; index += 1) yield { kind: 'regression', index };
  for (let i = 0; i < seeds; i += 1) yield { kind: 'seed', seed: from + i, plant, twice: i < twice };
}

async function many(wanted: Extract<Wanted, { kind: 'many' }>): Promise<number> {
  const begun = performance.now();
  const verdicts: SeedVerdict[] = [];
  await runPool(jobsOf(wanted), wanted.threads, (result) => {
    if (result.kind !== 'verdict') return;
    verdicts.push(result.verdict);
    if (result.verdict.failure !== undefined) say(describeFailure(result.verdict.failure));
  });
  const summary = summaryOf(verdicts, performance.now() - begun);
  say(summarize(summary));
  return summary.failures.length === 0 ? 0 : 1;
}

async function mutants({ plant, threads }: Extract<Wanted, { kind: 'mutants' }>): Promise<number> {
  const begun = performance.now();
  const chosen = plants.filter(({ name }) => plant === undefined || name === plant);
  const hunts: Hunt[] = [];
  say(huntHead);
  await runPool(
    chosen.map(({ name }) => ({ kind: 'hunt', plant: name })),
    threads,
    (result) => {
      if (result.kind !== 'hunt') return;
      hunts.push(result.hunt);
      say(describeHunt(result.hunt));
    },
  );
  say(summarizeHunts(hunts, performance.now() - begun));
  return hunts.every(({ seed }) => seed !== undefined) ? 0 : 1;
}
