import { describe, expect, it } from 'vitest';
import { bytesField, hexOf, message, numberOf, readFields, textOf, varintField } from './protobuf.ts';

describe('protobuf', () => {
  it.each([0, 1, 127, 128, 300, 2 ** 31, 2 ** 49 - 1, 2 ** 49, Number.MAX_SAFE_INTEGER])(
    'reads back the number %d',
    (value) => {
      expect(numberOf(readFields(varintField(3, value)), 3)).toBe(value);
    },
  );

  it('reads back an id of 64 bits', () => {
    const id = 0xfedc_ba98_7654_3210n;
    expect(hexOf(readFields(varintField(1, id)), 1)).toBe('fedcba9876543210');
  });

  it('writes the bytes of the documentation: field 1 with 150, field 2 with "testing"', () => {
    expect(varintField(1, 150).toString('hex')).toBe('089601');
    expect(bytesField(2, 'testing').toString('hex')).toBe('120774657374696e67');
  });

  it('takes the last of a repeated scalar and skips what it does not know', () => {
    const fixed = Buffer.from([(9 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8]);
    const fields = readFields(message(varintField(1, 5), fixed, varintField(1, 6), bytesField(2, 'å')));
    expect(numberOf(fields, 1)).toBe(6);
    expect(textOf(fields, 2)).toBe('å');
    expect(numberOf(fields, 7)).toBe(0);
  });

  it.each([
    ['a length beyond the end', Buffer.from([0x12, 0x05, 0x61])],
    ['a varint without its end', Buffer.from([0x08, 0xff])],
    ['a varint of eleven bytes', Buffer.from([0x08, ...Array<number>(11).fill(0xff)])],
    ['an unknown wire type', Buffer.from([0x0f])],
  ])('refuses %s', (_what, bytes) => {
    expect(() => readFields(bytes)).toThrow();
  });
});
