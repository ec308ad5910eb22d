import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { inodesIn } from './sockets.ts';

const hex = (bytes: readonly number[]): string =>
  (endianness() === 'LE' ? [...bytes].reverse() : bytes)
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .join('');

const line = (bytes: readonly number[], inode: number): string =>
  `   0: ${hex(bytes)}:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`;

const table = [
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  line([0, 0, 0, 0], 1),
  line([127, 0, 0, 1], 2),
  line([192, 168, 1, 127], 3),
  line([127, 0, 0, 53], 4),
  line([127, 0, 0, 54], 5),
].join('\n');

describe('who listens', () => {
  it('on every address, but for the further ones of the loopback: a stub resolver is in nobody’s way', () => {
    expect(inodesIn(table, { protocol: 'tcp', number: 53 })).toEqual(['1', '2', '3']);
    expect(inodesIn(table, { protocol: 'tcp', number: 54 })).toEqual([]);
  });
});
