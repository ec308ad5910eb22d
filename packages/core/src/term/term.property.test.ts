import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TermWalk, walkKinds } from '../testing/term-walk.ts';

const step = fc.record({
  kind: fc.constantFrom(...walkKinds),
  afterMs: fc.oneof(fc.nat(40), fc.nat(700), fc.constantFrom(0, 2250, 3000)),
  pick: fc.nat(5),
});

it('keeps its word whatever happens in whatever order', () => {
  const taken: number[] = [];
  fc.assert(
    fc.property(fc.array(step, { minLength: 60, maxLength: 400 }), (steps) => {
      const walk = new TermWalk();
      for (const one of steps) walk.step(one);
      taken.push(walk.terms);
      expect(walk.broken).toEqual([]);
    }),
    { numRuns: 2000, seed: 7 },
  );
  // A walk that never holds a term proves nothing.
  expect(taken.filter((terms) => terms > 1).length).toBeGreaterThan(100);
}, 60_000);
