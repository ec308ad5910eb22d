import { describe, expect, test } from 'vitest';
import { applyLine } from '../testing/decide-lines.ts';
import { makeObservation } from '../testing/decide-observation.ts';
import { standbyWorld } from '../testing/decide-world.ts';
import { factsOf } from './facts.ts';
import { lineToRecord } from './line.ts';

/** What mn2 writes down of its data: mn1 holds token 12, whose timeline is 3, and mn2 streams timeline 3. */
function written(...lines: readonly string[]): ReturnType<typeof lineToRecord> {
  const world = standbyWorld();
  const scene = [
    'node mn3',
    'leader 12 held mn1',
    'state promotions=10/mn3/2@0/2000,12/mn1/3@0/5000',
    'line 10 timeline=2',
    'postgres standby streaming timeline=3',
  ];
  for (const line of [...scene, ...lines]) applyLine(world, line);
  return lineToRecord(factsOf(makeObservation(world), world.memory));
}

describe('the line of a standby’s data', () => {
  test('is the holder’s, where it streams from it', () => {
    expect(written()).toEqual({ token: 12, timeline: 3 });
  });

  test('is learnt from a standby whose own disk says that it is of it', () => {
    const upstream = 'configured upstream=mn3';
    expect(written(upstream, 'member mn3 ineligible streaming timeline=3 line=12')).toEqual({
      token: 12,
      timeline: 3,
    });
    expect(written(upstream)).toBeUndefined();
    expect(written(upstream, 'member mn3 ineligible streaming timeline=3')).toBeUndefined();
    expect(written(upstream, 'member mn3 ineligible streaming timeline=3 line=11')).toBeUndefined();
    expect(written(upstream, 'member mn3 ineligible streaming timeline=2 line=12')).toBeUndefined();
    expect(written(upstream, 'member mn3 ineligible state=down timeline=3 line=12')).toBeUndefined();
  });

  test('of a number that is known to be another’s is not learnt', () => {
    const upstream = 'configured upstream=mn3';
    const member = 'member mn3 ineligible streaming timeline=3 line=12';
    expect(written(upstream, member, 'line 11 timeline=3')).toBeUndefined();
  });
});
