import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bootClock } from './boot-clock.ts';

test('it is the clock of /proc/uptime, finer', () => {
  const before = bootClock.now();
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  const later = bootClock.now();
  expect(uptime).toBeGreaterThan(before - 20);
  expect(uptime).toBeLessThan(later + 20);
  expect(bootClock.now()).toBeGreaterThan(later);
});

test('one boot has one id, and a file that cannot be read gives none', () => {
  expect(bootClock.bootId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(bootClock.bootId()).toBe(bootClock.bootId());
});
