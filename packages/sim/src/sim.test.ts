import { describe, expect, test } from 'vitest';
import { main } from './cli/cli.ts';
import { describeHunt, summarize, summarizeHunts } from './cli/text.ts';
import { unplanted } from './plant/plant.ts';
import { plants } from './plant/plants.ts';
import { hunt } from './run/hunt.ts';
import { judgeSeed } from './run/judge-seed.ts';
import { runSeed } from './run/run-seed.ts';
import { summaryOf } from './run/summary.ts';

const patientMs = 120_000;

test('seeds pass, and their two traces are equal', { timeout: patientMs }, async () => {
  for (let seed = 1; seed <= 4; seed += 1) {
    const verdict = await judgeSeed({ seed, plant: unplanted, twice: true });
    expect(verdict.failure).toBeUndefined();
    expect(verdict.acknowledged).toBeGreaterThan(100);
  }
});

test('another seed is another story', async () => {
  const first = await runSeed({ seed: 1 });
  const second = await runSeed({ seed: 2 });
  expect(first.digest).not.toBe(second.digest);
});

describe('planted bugs', () => {
  test('each has a name of its own and says what it breaks', () => {
    expect(new Set(plants.map(({ name }) => name)).size).toBe(plants.length);
    for (const plant of plants) expect(plant.about).toMatch(/^[A-Z].*\.$/);
  });

  test('one that breaks the guard is found', { timeout: patientMs }, async () => {
    const [plant] = plants.filter(({ name }) => name === 'guard-never-acts');
    const found = await hunt(plant ?? unplanted);
    expect(found.checker).toBe('outside-term');
  });

  test('what breaks nothing is not found', { timeout: patientMs }, async () => {
    const found = await hunt({ ...unplanted, within: 3 });
    expect(found.seed).toBeUndefined();
    expect(describeHunt(found)).toContain('SURVIVED');
    expect(summarizeHunts([found], 1000)).toBe('0 of 1 planted bugs were found in 1.0 s');
  });
});

test('the summary has the figures and the seeds that failed', () => {
  const failure = { seed: 7, checker: 'rest', atMs: 12, message: 'It moves on and off.' };
  const text = summarize(summaryOf([{ seed: 7, failure, virtualMs: 3_600_000, acknowledged: 5 }], 2000));
  expect(text).toBe(
    '1 seeds, 1 failures, 1.00 virtual hours, 2.0 wall seconds, 0.5 seeds per second, 5 acknowledged writes; failing: 7 (rest)',
  );
});

test.each([
  [['--seeds', 'many']],
  [['--plant', 'nothing']],
  [['--threads', '0']],
  [['--twice', '-1']],
  [['--what']],
])('wrong usage %j ends with 2', async (args) => {
  expect(await main(args)).toBe(2);
});
