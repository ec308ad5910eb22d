import { type Claim, claimOf, nodeId, sameClaim } from '@hamn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  claimOfList,
  isFinal,
  type NamesList,
  parseSynchronousNames,
  placeholderName,
  placeIn,
  renderNames,
  waysTo,
} from './synchronous-names.ts';

const names = (...list: string[]): ReturnType<typeof nodeId>[] => list.map(nodeId);
const all = names('a', 'b', 'c', 'd');

test.each<[string, NamesList]>([
  ['', { names: [] }],
  ['FIRST 1 ("mn2")', { names: names('mn2') }],
  ['FIRST 2 ("mn-2", "a ""b""")', { names: names('mn-2', 'a "b"') }],
  ['ANY 1 ("mn2", "mn3")', { names: names('mn2', 'mn3'), quorum: 1 }],
  [`FIRST 1 ("${placeholderName}", "mn2")`, { names: names('mn2'), placeholder: true }],
  [
    `FIRST 1 ("${placeholderName}", "mn2", "mn3")`,
    { names: names('mn2', 'mn3'), quorum: 1, placeholder: true },
  ],
])('%s is read as it is written', (text, list) => {
  expect(renderNames(list)).toBe(text);
  expect(parseSynchronousNames(text)).toEqual(list);
});

test.each([
  '*',
  'mn2',
  'FIRST 1 ("a", "b")',
  'FIRST 3 ("a", "b")',
  'ANY 0 ("a")',
  `FIRST 1 ("${placeholderName}")`,
])("is not hamn's: %s", (text) => {
  expect(parseSynchronousNames(text)).toBeUndefined();
});

const claims: fc.Arbitrary<Claim> = fc
  .tuple(fc.shuffledSubarray(all), fc.integer({ min: 0, max: 4 }))
  .map(([members, count]) => claimOf(members, count));
const lists: fc.Arbitrary<NamesList> = fc.tuple(claims, fc.boolean()).map(([claim, placeholder]) => ({
  names: claim.members,
  ...(claim.count < claim.members.length ? { quorum: claim.count } : {}),
  ...(placeholder && claim.count > 0 ? { placeholder } : {}),
}));

describe('the way from one list to another', () => {
  test('ends in what is wanted, and in each step the place of every name changes', () => {
    fc.assert(
      fc.property(lists, claims, (before, wanted) => {
        const ways = waysTo(before, wanted);
        const last = ways.at(-1);
        expect(last !== undefined && isFinal(last) && sameClaim(claimOfList(last), wanted)).toBe(true);
        const steps = [before, ...ways];
        for (const [index, list] of ways.entries()) {
          const from = steps[index] ?? before;
          expect(sameClaim(claimOfList(list), wanted)).toBe(true);
          for (const name of list.names) expect(placeIn(list, name)).not.toBe(placeIn(from, name));
        }
      }),
    );
  });

  test('is one step where nothing else is needed', () => {
    const texts = (before: NamesList, wanted: Claim): string[] => waysTo(before, wanted).map(renderNames);
    expect(texts({ names: names('a') }, claimOf(names('a', 'b')))).toEqual(['FIRST 2 ("b", "a")']);
    expect(texts({ names: [] }, claimOf(names('a', 'b'), 1))).toEqual(['ANY 1 ("a", "b")']);
    expect(texts({ names: names('a', 'b'), quorum: 1 }, claimOf(names('b')))).toEqual([
      `FIRST 1 ("${placeholderName}", "b")`,
    ]);
    expect(texts({ names: names('a', 'b', 'c'), quorum: 1 }, claimOf(names('a', 'b'), 1))).toEqual([
      `FIRST 1 ("${placeholderName}", "a", "b")`,
      'ANY 1 ("a", "b")',
    ]);
  });
});
