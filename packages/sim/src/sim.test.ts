import { describe, expect, test } from 'vitest';
import { main } from './cli/cli.ts';
import { unplanted } from './plant/plant.ts';
import { plants } from './plant/plants.ts';
import { runMany } from './run/run-many.ts';
import { runSeed } from './run/run-seed.ts';

const patientMs = 120_000;
/** A planted bug must show within so many seeds. */
const mostSeeds = 400;

test('seeds pass, and their two traces are equal', { timeout: patientMs }, async () => {
  const summary = await runMany({ seeds: 15, from: 1, plant: unplanted });
  expect(summary.failures).toEqual([]);
  expect(summary.acknowledged).toBeGreaterThan(1000);
});

test('another seed is another story', async () => {
  const first = await runSeed({ seed: 1 });
  const second = await runSeed({ seed: 2 });
  expect(first.digest).not.toBe(second.digest);
});

describe('a rule that is taken away is missed', () => {
  test.each(plants.map((plant) => [plant.name, plant] as const))(
    '%s',
    { timeout: patientMs },
    async (_name, plant) => {
      let caught: string | undefined;
      for (let seed = 1; seed <= mostSeeds && caught === undefined; seed += 1)
        caught = (await runSeed({ seed, plant })).violation?.checker;
      expect(plant.caughtBy).toContain(caught);
    },
  );
});

test('without the bug the same faults do no harm', { timeout: patientMs }, async () => {
  for (const plant of plants) {
    const { wish, faults } = plant;
    for (let seed = 1; seed <= 5; seed += 1)
      expect((await runSeed({ seed, plant: { ...unplanted, wish, faults } })).violation).toBeUndefined();
  }
});

test.each([[['--seeds', 'many']], [['--plant', 'nothing']], [['--what']]])(
  'wrong usage %j ends with 2',
  async (args) => {
    expect(await main(args)).toBe(2);
  },
);
