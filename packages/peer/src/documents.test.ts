import { describe, expect, it } from 'vitest';
import { parseFields, readAnswer, readAsk } from './documents.ts';

const ask = { group: 'mn', token: 7, round: 'r1', termMs: 3000, invitation: false };

describe('the documents between nodes', () => {
  it('reads a request for a promise', () => {
    expect(readAsk(ask)).toEqual(ask);
  });

  it.each([
    ['a token that is text', { token: '7' }],
    ['a token of 0', { token: 0 }],
    ['an endless term', { termMs: Number.POSITIVE_INFINITY }],
    ['a term of 0', { termMs: 0 }],
    ['no round', { round: '' }],
    ['an invitation that is a number', { invitation: 1 }],
    ['no group', { group: undefined }],
  ])('does not read one with %s', (_what, change) => {
    expect(readAsk({ ...ask, ...change })).toBeUndefined();
  });

  it('takes only the literal true for a yes', () => {
    expect(readAnswer({ yes: true, round: 'r1' })).toEqual({ yes: true, round: 'r1' });
    expect(readAnswer({ yes: 1, round: 'r1' })).toBeUndefined();
    expect(readAnswer({ yes: 'true', round: 'r1' })).toBeUndefined();
    expect(readAnswer({ yes: true })).toBeUndefined();
  });

  it('wants a reason with a no', () => {
    expect(readAnswer({ yes: false, round: 'r1', reason: 'No.' })).toMatchObject({
      yes: false,
      reason: 'No.',
    });
    expect(readAnswer({ yes: false, round: 'r1' })).toBeUndefined();
  });

  it.each(['', '[]', 'null', '"yes"', '{"a":'])('takes %j for no document', (text) => {
    expect(parseFields(text)).toBeUndefined();
  });
});
