import { describe, expect, it } from 'vitest';
import { digestOf, namesOf } from './digest.ts';

const step = { name: 'lab tests', argv: ['vitest'], limitMs: 1 };
const reason = 'it ended with exit code 1';

describe('what failed, short', () => {
  it('names the failed tests with their messages, and not the hundreds that passed', () => {
    const output = [
      ...Array.from({ length: 500 }, (_, n) => ` ✓ |lab| test ${n}`),
      '⎯⎯⎯ Failed Tests 2 ⎯⎯⎯',
      '',
      ' FAIL  |lab| test/a.test.ts > moves',
      'AssertionError: expected 1 to be 2',
      ' FAIL  |lab| test/b.test.ts > stays',
      'Error: The limit of 30 s passed.',
    ].join('\n');
    expect(digestOf({ step, output, reason })).toBe(
      [
        'lab tests: it ended with exit code 1',
        '   FAIL  |lab| test/a.test.ts > moves',
        '  AssertionError: expected 1 to be 2',
        '   FAIL  |lab| test/b.test.ts > stays',
        '  Error: The limit of 30 s passed.',
      ].join('\n'),
    );
  });

  it('is a line for each failed test, once, or one for the step', () => {
    const output = [
      ' FAIL  |lab| a.test.ts > moves',
      ' FAIL  |lab| a.test.ts > moves',
      ' FAIL  |lab| b.test.ts > stays',
    ];
    expect(namesOf({ step, output: output.join('\n'), reason })).toEqual([
      'lab tests: |lab| a.test.ts > moves',
      'lab tests: |lab| b.test.ts > stays',
    ]);
    expect(namesOf({ step, output: 'nothing', reason })).toEqual(['lab tests: it ended with exit code 1']);
  });

  it('is the end of the output of what is no test', () => {
    const output = `${Array.from({ length: 100 }, (_, n) => `line ${n}`).join('\n')}\n`;
    const lines = digestOf({ step, output, reason }).split('\n');
    expect(lines).toHaveLength(9);
    expect(lines.at(-1)).toBe('  line 99');
  });
});
