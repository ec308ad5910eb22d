import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lsn } from './brands.ts';
import { formatLsn, lagBytes, parseLsn } from './lsn.ts';

const anyLsn = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(lsn);

describe('positions in the write-ahead log', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(anyLsn, (value) => {
        expect(parseLsn(formatLsn(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it('writes them as PostgreSQL does', () => {
    expect(formatLsn(lsn(0x3000060n))).toBe('0/3000060');
    expect(formatLsn(lsn(0x16_b374d848n))).toBe('16/B374D848');
  });

  it('refuses anything else, with an example of the right form', () => {
    for (const text of ['', '0', '0/', '/0', '0/123456789', 'x/0', '0/0 ', '-1/0', '0/0/0']) {
      const parsed = parseLsn(text);
      expect(parsed.ok ? undefined : parsed.error).toEqual({
        code: 'bad-lsn',
        message: `'${text}' is not a WAL position; PostgreSQL writes them like 0/3000060.`,
      });
    }
    fc.assert(fc.property(fc.string(), (text) => void parseLsn(text)));
  });

  it('counts the lag in one direction only', () => {
    fc.assert(
      fc.property(anyLsn, anyLsn, (a, b) => {
        expect(lagBytes(a, b)).toBeGreaterThanOrEqual(0);
        expect(lagBytes(a, b) === 0 || lagBytes(b, a) === 0).toBe(true);
      }),
    );
  });
});
