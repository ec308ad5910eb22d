import { type Lsn, lsn } from './brands.ts';
import { fail, ok, type Result } from './result.ts';

/** Reads PostgreSQL's `XXXXXXXX/XXXXXXXX` form. Source: PostgreSQL documentation, type pg_lsn. */
export function parseLsn(text: string): Result<Lsn, 'bad-lsn'> {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text);
  if (match === null)
    return fail('bad-lsn', `'${text}' is not a WAL position; PostgreSQL writes them like 0/3000060.`);
  const [, high = '0', low = '0'] = match;
  return ok(lsn((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)));
}

/** Writes an LSN the way PostgreSQL does. */
export const formatLsn = (value: Lsn): string =>
  `${(value >> 32n).toString(16).toUpperCase()}/${(value & 0xffffffffn).toString(16).toUpperCase()}`;

/** Bytes from `behind` to `ahead`, 0 when `behind` is not behind. */
export const lagBytes = (ahead: Lsn, behind: Lsn): number => (ahead > behind ? Number(ahead - behind) : 0);
