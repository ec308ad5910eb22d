import { expect, test } from 'vitest';
import { openWatchdog } from './watchdog-device.ts';

test('what is no watchdog is told from what is not there', async () => {
  expect(await openWatchdog('/nonexistent/watchdog')).toMatchObject({
    ok: false,
    error: {
      code: 'not-found',
      message: expect.stringContaining('There is no watchdog /nonexistent/watchdog'),
    },
  });
  expect(await openWatchdog('/dev/null')).toMatchObject({
    ok: false,
    error: { code: 'unsuitable', message: '/dev/null is no watchdog.' },
  });
});
