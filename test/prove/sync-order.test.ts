import { expect, test } from 'vitest';
import { type SyncSample, steps, violations } from './sync-order.ts';

const sample = (
  atMs: number,
  before: readonly string[],
  recorded: readonly string[],
  after: readonly string[] = before,
): SyncSample => ({ atMs, before, recorded, after });

const both = ['mn1', 'mn2'];

test('a change in the right order is none of a violation, whatever a look falls between', () => {
  const right = [
    sample(1, ['mn2'], both),
    sample(2, ['mn2'], ['mn1']),
    sample(3, ['mn2'], ['mn1'], []),
    sample(4, [], ['mn1']),
    sample(5, [], ['mn1'], ['mn2']),
    sample(6, ['mn2'], ['mn1']),
    sample(7, ['mn2'], both),
  ];
  expect(violations(right, 'mn1')).toEqual([]);
  expect(steps(right)).toEqual(['mn2|mn1,mn2', 'mn2|mn1', '-|mn1', 'mn2|mn1', 'mn2|mn1,mn2']);
});

test('a standby that is recorded while no commit waits for it is found, at either change', () => {
  expect(violations([sample(1, [], both)], 'mn1')).toEqual([
    'At 1 ms mn2 was recorded, and no commit waited for it.',
  ]);
  expect(violations([sample(1, [], both, ['mn2'])], 'mn1')).toEqual([]);
});
