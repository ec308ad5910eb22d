import { parseLsn } from '@hamn/core';
import { expect, test } from 'vitest';
import { ownParts, stretches } from './fork.ts';

const at = (text: string) => {
  const read = parseLsn(text);
  if (!read.ok) throw new Error(text);
  return read.value;
};

const parent = '1\t0/3000\tno recovery target specified\n';

test('the others went on to the next timeline while this server went on on the old one', () => {
  expect(ownParts(stretches(1, ''), stretches(2, parent))).toEqual([
    { timeline: 1, from: at('0/3000'), to: undefined },
  ]);
});

test('both promoted: what was written on the old timeline after the earlier switch, and the own new one', () => {
  const own = stretches(2, '1\t0/5000\twhy\n');
  const theirs = stretches(3, '1\t0/3000\twhy\n2\t0/6000\twhy\n');
  expect(ownParts(own, theirs)).toEqual([
    { timeline: 1, from: at('0/3000'), to: at('0/5000') },
    { timeline: 2, from: at('0/5000'), to: undefined },
  ]);
  expect(ownParts(stretches(2, '1\t0/2000\twhy\n'), theirs)).toEqual([
    { timeline: 2, from: at('0/2000'), to: undefined },
  ]);
});

test('a timeline that the others do not know', () => {
  const own = stretches(3, `${parent}2\t0/4000\twhy\n`);
  expect(ownParts(own, stretches(2, parent))).toEqual([{ timeline: 3, from: at('0/4000'), to: undefined }]);
});

test('one history: nothing is known of a fork', () => {
  expect(ownParts(stretches(2, parent), stretches(2, parent))).toEqual([]);
  expect(ownParts(stretches(1, ''), stretches(1, ''))).toEqual([]);
});
