import { expect, test } from 'vitest';
import { excusesOf, type Inflicted } from './excuses.ts';

const fault = (name: Inflicted['name'], beganMs: number, endedMs: number): Inflicted => ({
  name,
  node: 'mn1',
  beganMs,
  endedMs,
});

test('a node that stands still is excused until a second after its thaw', () => {
  for (const name of ['freeze node', 'pause node', 'stop both-daemons'] as const)
    expect(excusesOf([fault(name, 1000, 4000)])).toEqual(new Map([['mn1', [{ fromMs: 950, toMs: 5000 }]]]));
});

test('a node on which one daemon runs is not', () => {
  for (const name of [
    'stop guard',
    'stop hamnd',
    'kill guard',
    'cut link',
    'hang root',
    'stop init',
  ] as const)
    expect(excusesOf([fault(name, 1000, 4000)]).size).toBe(0);
});

test('two faults that stop both daemons excuse it while they overlap', () => {
  const both = [fault('stop guard', 1000, 4000), fault('stop hamnd', 2000, 6000)];
  expect(excusesOf(both)).toEqual(new Map([['mn1', [{ fromMs: 1950, toMs: 5000 }]]]));
  expect(excusesOf([fault('stop guard', 1000, 2000), fault('stop hamnd', 3000, 6000)]).size).toBe(0);
});
