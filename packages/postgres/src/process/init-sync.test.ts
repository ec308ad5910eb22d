import { expect, test } from 'vitest';
import { syncsAtOnce } from './init-sync.ts';

const meminfo = (dirty: number, writeback = 0): string =>
  `MemTotal:       24000000 kB\nDirty:          ${dirty} kB\nWriteback:      ${writeback} kB\nWritebackTmp:   900000000 kB\n`;

test.each([
  ['15.4', '6.1.0-13-amd64', meminfo(100), true],
  ['14.0', '5.14.0-362.el9.ppc64le', meminfo(100), true],
  ['17', '5.8.0', meminfo(131_072), true],
  ['17', '5.8.0', meminfo(131_072, 1), false],
  ['15.4', '6.1.0-13-amd64', meminfo(9_000_000), false],
  ['13.11', '6.1.0-13-amd64', meminfo(100), false],
  ['15.4', '4.18.0-477.el8.x86_64', meminfo(100), false],
  ['15.4', '5.7.19', meminfo(100), false],
  ['15.4', '6.1.0', '', false],
  [undefined, '6.1.0', meminfo(100), false],
])('PostgreSQL %s on Linux %s', (postgres, kernel, text, expected) => {
  expect(syncsAtOnce(postgres, kernel, text)).toBe(expected);
});
