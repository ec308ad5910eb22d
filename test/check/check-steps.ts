import type { Step } from './step.ts';

const minute = 60_000;

/** What can be told without the lab, but for the simulator. */
export function checkSteps(): readonly Step[] {
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
    {
      name: 'unit tests',
      argv: ['vitest', 'run', '--project', 'unit'],
      limitMs: 20 * minute,
      after: ['build', 'lint', 'types of tests', 'boundaries', 'documents'],
    },
  ];
}

/** `seeds` virtual clusters, of which a hundred are lived through twice. It stands beside what takes its time from real clocks. */
export const simulatorStep = (seeds: number, threads: number): Step => ({
  name: `simulator ${seeds} seeds`,
  argv: [
    'node',
    'packages/sim/src/main.ts',
    ...['--seeds', String(seeds)],
    ...['--twice', String(Math.min(seeds, 100))],
    ...['--threads', String(threads)],
  ],
  limitMs: 45 * minute,
  after: ['types of packages', 'lint'],
  givesWay: true,
});

/** The model of the protocol. One search at a time: other steps run beside it. */
export const modelStep: Step = {
  name: 'model',
  argv: ['node', 'test/model/main.ts', '--jobs', '1'],
  limitMs: 6 * minute,
  after: ['types of tests'],
};

/** The lab's base takes longer than a test may: it is made while the unit tests run. */
export const labBaseStep: Step = {
  name: "the lab's base",
  argv: ['node', 'test/lab/main.ts', 'base'],
  limitMs: 20 * minute,
};

/** Each bug that is planted into the rules, the protocol or the guard must be found by a checker of the simulator. */
export const plantedBugsStep: Step = {
  name: 'planted bugs',
  argv: ['node', 'packages/sim/src/main.ts', '--mutants'],
  limitMs: 15 * minute,
  after: ['model'],
  givesWay: true,
};
