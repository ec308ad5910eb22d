import type { Step } from './step.ts';

const minute = 60_000;

/** What `npm run check` runs. `seeds` is how many virtual clusters the simulator lives through. */
export function checkSteps(seeds: number): readonly Step[] {
  return [
    { name: 'build', argv: ['node', 'deploy/build.ts'], limitMs: 2 * minute },
    {
      name: 'lint',
      argv: ['biome', 'check', '--colors=off', '--diagnostic-level=error', '.'],
      limitMs: minute,
    },
    {
      name: 'types of packages',
      argv: ['turbo', 'run', 'typecheck', '--concurrency=1', '--ui=stream'],
      limitMs: 4 * minute,
    },
    {
      name: 'types of tests',
      argv: ['tsc', '-p', '.', '--noEmit'],
      limitMs: 2 * minute,
      after: ['types of packages'],
    },
    { name: 'boundaries', argv: ['turbo', 'boundaries'], limitMs: minute },
    { name: 'documents', argv: ['node', 'docs/generate.ts', '--check'], limitMs: minute },
    // What takes its time from real clocks gets a core of its own: the simulator, which does not, runs beside it.
    {
      name: 'unit tests',
      argv: ['vitest', 'run', '--project', 'unit'],
      limitMs: 20 * minute,
      after: ['build', 'lint', 'types of tests', 'boundaries', 'documents'],
    },
    {
      name: `simulator ${seeds} seeds`,
      argv: [
        'node',
        'packages/sim/src/main.ts',
        '--seeds',
        String(seeds),
        '--twice',
        String(Math.min(seeds, 100)),
      ],
      // At low priority: it has what the unit tests leave it.
      limitMs: 30 * minute,
      after: ['types of packages', 'lint'],
    },
  ];
}

/** The model of the protocol. One search at a time: other steps run beside it. */
export const modelStep: Step = {
  name: 'model',
  argv: ['node', 'test/model/main.ts', '--jobs', '1'],
  limitMs: 6 * minute,
  after: ['types of tests'],
};

/** The lab's base takes longer than a test may: it is made beside what needs no lab. */
export const labBaseStep: Step = {
  name: "the lab's base",
  argv: ['node', 'test/lab/main.ts', 'base'],
  limitMs: 20 * minute,
};

/** Each bug that is planted into the rules, the protocol or the guard must be found by a checker of the simulator. */
export const plantedBugsStep: Step = {
  name: 'planted bugs',
  argv: ['node', 'packages/sim/src/main.ts', '--mutants'],
  limitMs: 10 * minute,
  after: ['types of tests'],
};
