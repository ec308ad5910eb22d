import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('flags come before the environment, which comes before the defaults', () => {
  expect(readOptions([], {})).toMatchObject({
    ok: true,
    value: { directory: '/run/hamn', onUnverified: 'none', verifyLimitMs: 1000 },
  });
  const environment = { HAMN_GUARD_DIRECTORY: '/run/other', HAMN_GUARD_ON_UNVERIFIED: 'reboot' };
  expect(readOptions(['--directory', '/run/x'], environment)).toMatchObject({
    ok: true,
    value: { directory: '/run/x', onUnverified: 'reboot' },
  });
});

test.each([['--on-unverified=panic'], ['--verify-limit-ms=5'], ['--verify-limit-ms=soon'], ['--speed=9']])(
  '%s is refused with the usage',
  (flag) => {
    const options = readOptions([flag], {});
    expect(options).toMatchObject({ ok: false, error: { code: 'usage' } });
    expect(options.ok ? '' : options.error.message).toContain('hamn-guard [--directory');
  },
);
