import { checkSteps, labBaseStep, modelStep, plantedBugsStep } from './check/check-steps.ts';
import { type Count, sum } from './check/count.ts';
import { judgeDemo } from './check/demo-summary.ts';
import { digestOf, namesOf } from './check/digest.ts';
import { ensureTestPackages } from './check/host-packages.ts';
import { runSteps } from './check/run-steps.ts';
import { endWithChildren, type Outcome, type Step } from './check/step.ts';
import { ensureHostPackages } from './lab/host-packages.ts';

/** `npm test`: all that CI checks, from the host's packages to the demonstration. Its last line is the sum. */
const minute = 60_000;
const untilMs = performance.now() + 75 * minute;
const seeds = 2000;

/** The lab has the machine to itself: its clocks are real. */
const labSteps: readonly Step[] = [
  { name: 'lab tests', argv: ['vitest', 'run', '--project', 'lab'], limitMs: 38 * minute },
  {
    name: 'PostgreSQL, quick part',
    argv: ['vitest', 'run', '--project', 'postgres-quick'],
    limitMs: 9 * minute,
    after: ['lab tests'],
  },
  {
    name: 'demonstration',
    argv: ['node', 'test/demo/main.ts'],
    limitMs: 7 * minute,
    after: ['PostgreSQL, quick part'],
    judge: judgeDemo,
  },
  {
    name: 'fault suite',
    argv: ['node', 'test/faults/main.ts', '--minutes', '10', '--seed', '2'],
    limitMs: 18 * minute,
    after: ['demonstration'],
  },
];
const cleanUp: Step = { name: 'lab down', argv: ['node', 'test/lab/main.ts', 'down'], limitMs: minute };

async function prepare(): Promise<Count> {
  const begun = performance.now();
  const say = (line: string): void => console.log(`      ${line}`);
  try {
    await ensureHostPackages(say);
    await ensureTestPackages(say);
    console.log(
      `ok    ${'packages of the host'.padEnd(22)}${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s`,
    );
    return { passed: 1, failed: 0 };
  } catch (error) {
    console.log(`FAIL  packages of the host: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  }
}

endWithChildren();
const counts: Count[] = [await prepare()];
const failures: Outcome[] = [];
for (const [steps, atOnce] of [
  [[labBaseStep, ...checkSteps(seeds), modelStep, plantedBugsStep], 2],
  [labSteps, 1],
] as const) {
  const outcomes = await runSteps(steps, { atOnce, untilMs });
  counts.push(...outcomes.map((outcome) => outcome.count));
  failures.push(...outcomes.filter((outcome) => !outcome.ok));
  // A step that was ended at its limit may have left machines of the lab running.
  if (steps === labSteps && outcomes.some((outcome) => !outcome.ok))
    await runSteps([cleanUp], { atOnce: 1, untilMs: performance.now() + minute });
}
// Once more at the end: whoever keeps only the last lines of a log must still learn why.
for (const failure of failures) console.log(`\n${digestOf(failure)}`);
if (failures.length > 0) console.log(`\nfailed:\n${failures.flatMap(namesOf).join('\n')}`);
const { passed, failed } = sum(counts);
console.log(`took ${(performance.now() / minute).toFixed(1)} minutes`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
