import { describe, expect, it } from 'vitest';
import { countOf, sum } from './count.ts';

describe('counting tests', () => {
  it('reads vitest’s summary', () => {
    const text = ' Test Files  1 failed | 3 passed (4)\n      Tests  2 failed | 12 passed | 1 skipped (15)\n';
    expect(countOf(text, false)).toEqual({ passed: 12, failed: 2 });
  });

  it('counts a step without tests as one', () => {
    expect(countOf('done\n', true)).toEqual({ passed: 1, failed: 0 });
    expect(countOf('', false)).toEqual({ passed: 0, failed: 1 });
  });

  it('counts a failure outside of the tests', () => {
    expect(countOf('      Tests  12 passed (12)\nUnhandled errors\n', false)).toEqual({
      passed: 12,
      failed: 1,
    });
  });

  it('adds them up', () => {
    expect(
      sum([
        { passed: 1, failed: 0 },
        { passed: 12, failed: 2 },
      ]),
    ).toEqual({ passed: 13, failed: 2 });
  });
});
