import { expect, test } from 'vitest';
import { mostWatchdogMs, type WatchdogView, whyLate, whyNotArmed } from './watchdog.ts';

const active = (leastMs: number, required = true): WatchdogView => ({
  state: 'active',
  required,
  identity: 'a watchdog',
  timeoutMs: 60_000,
  leastMs,
});

test.each([
  ['fast', 1000, 495],
  ['default', 3000, 1325],
  ['patient', 10_000, 4230],
])('what the profile %s asks of a watchdog', (_name, termMs, mostMs) => {
  expect(mostWatchdogMs(termMs)).toBe(mostMs);
});

test('a watchdog that counts in seconds is in time for the default profile, and too slow for the fast one', () => {
  expect(whyLate(active(1000), 3000)).toBeUndefined();
  expect(whyLate(active(1000), 1000)).toContain('resets this machine too late');
  expect(whyLate(active(3000), 3000)).toContain('3000 ms');
});

test('only a required watchdog keeps a term from being armed', () => {
  expect(whyNotArmed(undefined, 1000)).toBeUndefined();
  expect(whyNotArmed({ state: 'off' }, 1000)).toBeUndefined();
  expect(whyNotArmed(active(1000, false), 1000)).toBeUndefined();
  expect(whyNotArmed({ state: 'missing', required: false, reason: 'None.' }, 3000)).toBeUndefined();
  expect(whyNotArmed(active(1000), 3000)).toBeUndefined();
  expect(whyNotArmed(active(1000), 1000)).toContain('A watchdog is required on it. The watchdog');
  expect(whyNotArmed({ state: 'missing', required: true, reason: 'It is gone.' }, 3000)).toBe(
    'A watchdog is required on it. It is gone.',
  );
});
