import { expect, test } from 'vitest';
import { formatMac, ipOf, parseIp, samePrefix } from './address.ts';

const bytesOf = (text: string): Buffer => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value.bytes;
};

test.each([
  ['10.1.0.223', '10.1.0.223'],
  ['fd99::10', 'fd99::10'],
  ['FD99:0:0:0:0:0:0:10', 'fd99::10'],
  ['::', '::'],
  ['::1', '::1'],
  ['fe80::', 'fe80::'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['::ffff:10.1.2.3', '::ffff:a01:203'],
])('%s is written %s', (text, canonical) => {
  expect(ipOf(bytesOf(text)).text).toBe(canonical);
});

test.each(['10.1.0.223/24', 'fe80::1%eth0', 'mn1', '', '10.1.0'])('%s is refused', (text) => {
  expect(parseIp(text)).toMatchObject({ ok: false, error: { code: 'bad-address' } });
});

test('prefixes are compared to the bit', () => {
  expect(samePrefix(bytesOf('10.1.0.1'), bytesOf('10.1.0.254'), 24)).toBe(true);
  expect(samePrefix(bytesOf('10.1.0.1'), bytesOf('10.1.1.1'), 24)).toBe(false);
  expect(samePrefix(bytesOf('10.1.0.1'), bytesOf('10.1.1.1'), 23)).toBe(true);
  expect(samePrefix(bytesOf('10.1.0.1'), bytesOf('fd99::1'), 0)).toBe(false);
});

test('a MAC is written in pairs', () => {
  expect(formatMac(Buffer.from([2, 0, 0xab, 0xcd, 0xef, 1]))).toBe('02:00:ab:cd:ef:01');
});
