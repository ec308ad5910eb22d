import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('flags come before the environment, which comes before the defaults', () => {
  expect(readOptions([], {})).toMatchObject({
    ok: true,
    value: {
      directory: '/run/hamn',
      onUnverified: 'none',
      verifyLimitMs: 1000,
      watchdog: { mode: 'off', device: '/dev/watchdog' },
    },
  });
  const environment = { HAMN_GUARD_DIRECTORY: '/run/other', HAMN_GUARD_ON_UNVERIFIED: 'reboot' };
  expect(readOptions(['--directory', '/run/x'], environment)).toMatchObject({
    ok: true,
    value: { directory: '/run/x', onUnverified: 'reboot' },
  });
});

test('the watchdog is set by the environment or by flags', () => {
  const environment = { HAMN_GUARD_WATCHDOG: 'required', HAMN_GUARD_WATCHDOG_DEVICE: '/dev/watchdog1' };
  expect(readOptions([], environment)).toMatchObject({
    value: { watchdog: { mode: 'required', device: '/dev/watchdog1' } },
  });
  expect(readOptions(['--watchdog', 'automatic'], environment)).toMatchObject({
    value: { watchdog: { mode: 'automatic', device: '/dev/watchdog1' } },
  });
  const wrong = readOptions([], { HAMN_GUARD_WATCHDOG: 'yes' });
  expect(wrong.ok ? '' : wrong.error.message).toContain(
    "(HAMN_GUARD_WATCHDOG) is 'yes'; it is off, automatic, required.",
  );
});

test.each([
  ['--on-unverified=panic'],
  ['--verify-limit-ms=5'],
  ['--verify-limit-ms=soon'],
  ['--speed=9'],
  ['--watchdog=on'],
  ['--watchdog-device=watchdog'],
])('%s is refused with the usage', (flag) => {
  const options = readOptions([flag], {});
  expect(options).toMatchObject({ ok: false, error: { code: 'usage' } });
  expect(options.ok ? '' : options.error.message).toContain('hamn-guard [--directory');
});
