import { expect, test } from 'vitest';
import type { RunResult } from './run-fault.ts';
import { median, renderTable } from './table.ts';

const run = (write: number, lost: number, load = 0): RunResult => ({
  fault: 'power-off',
  profile: 'default',
  mode: 'synchronous',
  run: 1,
  write_outage_ms: write,
  vip_outage_ms: 10,
  lost,
  dual: 0,
  harmless_before_ms: null,
  load_per_s: load,
  loaded_per_s: load - 1,
  healthy_after_s: 4,
  reasons: [],
});

test('the median of an even number of runs lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});

test('a table shows median, least and most, and adds up what must be zero', () => {
  const text = renderTable([run(100, 0), run(300, 1), run(200, 0)]);
  expect(text.split('\n')[1]).toMatch(
    /^power-off {2}default {2}3 +- +200 \(100-300\) +10 \(10-10\) +- +4 \(4-4\) +1 +0$/,
  );
});

test('what was measured under a load stands in a line of its own, with the load that was reached', () => {
  const text = renderTable([run(100, 0), run(300, 0, 500)]);
  expect(text.split('\n')[2]).toMatch(/^power-off {2}default {2}1 +500 \(>=499\) +300 /);
});
