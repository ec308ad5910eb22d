import { expect, test } from 'vitest';
import { digitsOf, hasIpv4, hasIpv6 } from './kernel-view.ts';

const trie = `Local:
  +-- 10.99.0.0/24 2 0 2
     |-- 10.99.0.0
        /24 link UNICAST
     +-- 10.99.0.8/30 2 0 2
        |-- 10.99.0.10
           /32 host LOCAL
        |-- 10.99.0.100
           /32 link BROADCAST
`;

test('an address is there when the kernel calls it local', () => {
  expect(hasIpv4(trie, '10.99.0.10')).toBe(true);
  expect(hasIpv4(trie, '10.99.0.1')).toBe(false);
  expect(hasIpv4(trie, '10.99.0.100')).toBe(false);
});

test('an IPv6 address is compared in its long form', () => {
  expect(digitsOf('fd99::10')).toBe('fd990000000000000000000000000010');
  const text = 'fd990000000000000000000000000010 02 40 00 80     eth0\n';
  expect(hasIpv6(text, 'fd99::10')).toBe(true);
  expect(hasIpv6(text, 'fd99::11')).toBe(false);
});
