import { fail, type Result } from '@hamn/core';
import type { ClockPort } from './ports/clock.ts';

/**
 * Nothing waits for ever: the result of a port's call, or `timeout` after `limitMs`. A call that throws in spite of its contract becomes
 * `threw`. The call itself is not stopped; its late result is dropped.
 */
export function withLimit<T, Code extends string>(
  clock: ClockPort,
  limitMs: number,
  what: string,
  call: () => Promise<Result<T, Code>>,
): Promise<Result<T, Code | 'timeout' | 'threw'>> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, () =>
      resolve(fail('timeout', `${what} did not answer within ${limitMs} ms.`)),
    );
    const settle = (result: Result<T, Code | 'timeout' | 'threw'>): void => {
      cancel();
      resolve(result);
    };
    const threw = (error: unknown): void =>
      settle(fail('threw', `${what} failed: ${error instanceof Error ? error.message : String(error)}`));
    try {
      call().then(settle, threw);
    } catch (error) {
      threw(error);
    }
  });
}
