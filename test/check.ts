import { parseArgs } from 'node:util';
import { checkSteps } from './check/check-steps.ts';
import { sum } from './check/count.ts';
import { runSteps } from './check/run-steps.ts';
import { endWithChildren } from './check/step.ts';

/** `npm run check [-- --seeds N]`: everything that can be told without the lab. Exit 1 when a step failed. */
const limitMs = 12 * 60_000;
const { values } = parseArgs({ options: { seeds: { type: 'string', default: '200' } } });
const seeds = Number(values.seeds);

if (!Number.isInteger(seeds) || seeds < 1) {
  console.error(`check: --seeds must be a whole number above 0, not '${values.seeds}'.`);
  process.exitCode = 2;
} else {
  endWithChildren();
  const outcomes = await runSteps(checkSteps(seeds), { atOnce: 2, untilMs: performance.now() + limitMs });
  const { passed, failed } = sum(outcomes.map((outcome) => outcome.count));
  console.log(`${passed} passed, ${failed} failed (${(performance.now() / 1000).toFixed(0)} s)`);
  process.exitCode = failed === 0 ? 0 : 1;
}
