import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NodeId, nodeId } from './brands.ts';
import { alone, type Claim, claimOf, claimText, implies, reached, strongest, weakest } from './claim.ts';

const names = ['a', 'b', 'c', 'd'].map(nodeId);
const claims = fc
  .tuple(fc.subarray(names), fc.integer({ min: 0, max: 4 }))
  .map(([members, count]) => claimOf(members, count));
/** Which nodes have one write. */
const writes = fc.subarray(names);

const holds = (claim: Claim, has: readonly NodeId[]): boolean =>
  claim.members.filter((node) => has.includes(node)).length >= claim.count;

describe('implies', () => {
  test('what it says holds for every write', () => {
    fc.assert(
      fc.property(claims, claims, writes, (a, b, has) => {
        fc.pre(implies(a, b) && holds(a, has));
        expect(holds(b, has)).toBe(true);
      }),
    );
  });

  test('what it denies is wrong for some write', () => {
    const every = (a: Claim, b: Claim): boolean =>
      Array.from({ length: 16 }, (_, bits) =>
        names.filter((_name, index) => (bits >> index) % 2 === 1),
      ).every((has) => !holds(a, has) || holds(b, has));
    fc.assert(
      fc.property(claims, claims, (a, b) => {
        expect(implies(a, b)).toBe(every(a, b));
      }),
    );
  });
});

test('weakest is implied by both, strongest implies both', () => {
  fc.assert(
    fc.property(claims, claims, (a, b) => {
      const less = weakest(a, b);
      const more = strongest(a, b);
      expect([implies(a, less), implies(b, less), implies(more, a), implies(more, b)]).toEqual(
        Array(4).fill(true),
      );
    }),
  );
});

test('so many have a write as the record and what they have flushed tell', () => {
  fc.assert(
    fc.property(claims, claims, writes, fc.subarray(names), (before, wanted, has, flushed) => {
      fc.pre(holds(before, has) && flushed.every((node) => has.includes(node)));
      const count = wanted.members.filter((node) => has.includes(node)).length;
      expect(count).toBeGreaterThanOrEqual(reached(before, flushed, wanted));
    }),
  );
});

test('a claim is written in one way', () => {
  expect(claimText(alone)).toBe('');
  expect(claimText(claimOf(['b', 'a'].map(nodeId)))).toBe('a,b');
  expect(claimText(claimOf(['b', 'a'].map(nodeId), 1))).toBe('any 1 of a,b');
});
