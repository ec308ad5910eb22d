import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureTestPackages, modelPackages } from '../check/host-packages.ts';
import { endWithChildren } from '../check/step.ts';
import { largeRuns, smallRuns } from './runs.ts';
import { type Search, type SearchLimits, search, story } from './search.ts';

const usage = `npm run model [-- --large] [--only NAME] [--jobs N] [--list]
  Explores the model of the term protocol (docs/model) with small bounds, and shows that each planted bug is caught.
  --large       the large bounds instead: up to 5 GB for each search
  --only NAME   one run, and the story of what was caught
  --jobs N      how many searches side by side (2; of large ones 1)
  --list        only says what each run explores or plants
  Exit code 1: a search did not come to what it must.`;

const small: SearchLimits = { searchMs: 300_000, memoryMb: 1900, compact: false };
const large: SearchLimits = { searchMs: 4 * 3_600_000, memoryMb: 4900, compact: true };

function stop(message: string): never {
  console.error(`model: ${message}\n${usage}`);
  process.exit(2);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        large: { type: 'boolean', default: false },
        only: { type: 'string' },
        jobs: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    return stop(error instanceof Error ? error.message : String(error));
  }
}

/** What is there to be reached is an assertion that fails, as a planted bug's is. */
const isAsExpected = ({ verdict, run }: Search): boolean =>
  verdict === (run.expect === 'clean' ? 'clean' : 'caught');

function print(done: Search): void {
  const mark = isAsExpected(done) ? 'ok  ' : 'FAIL';
  const figures = `${String(done.states).padStart(9)} states ${(done.tookMs / 1000).toFixed(1).padStart(6)} s ${String(done.memoryMb).padStart(5)} MB`;
  const verdict = isAsExpected(done)
    ? done.run.expect
    : `${done.verdict}, but must be ${done.run.expect}. ${done.reason} ${done.run.about}`;
  console.log(`${mark} ${done.run.name.padEnd(32)}${figures}  ${verdict}`);
}

const values = readArguments();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const all = values.large ? largeRuns : smallRuns;
const { only } = values;
const chosen = only === undefined ? all : [...smallRuns, ...largeRuns].filter((run) => run.name === only);
if (chosen.length === 0) stop(`there is no run '${only ?? ''}'.`);
if (values.list) {
  for (const { name, expect, about } of chosen) console.log(`${name.padEnd(32)}${expect.padEnd(9)}${about}`);
  process.exit(0);
}
const jobs = Number(values.jobs ?? (values.large ? 1 : 2));
if (!Number.isInteger(jobs) || jobs < 1) stop(`--jobs must be a whole number above 0, not '${values.jobs}'.`);

endWithChildren();
const folder = mkdtempSync(join(tmpdir(), 'hamn-model-'));
// Also when it is ended by a signal.
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const limits = values.large ? large : small;
const results: Search[] = [];
const waiting = [...chosen];

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const done = await search(next, folder, limits);
    results.push(done);
    print(done);
    if (only !== undefined && done.verdict === 'caught') console.log(await story(next, folder));
  }
}

await ensureTestPackages((line) => console.log(line), modelPackages);
await Promise.all(Array.from({ length: jobs }, work));
const failed = results.filter((done) => !isAsExpected(done)).length;
console.log(
  `${results.length - failed} passed, ${failed} failed (${(performance.now() / 1000).toFixed(0)} s)`,
);
process.exitCode = failed === 0 ? 0 : 1;
