import { describe, expect, it } from 'vitest';
import { readFinding } from './verifier-output.ts';

const end = (errors: number): string => `
Full statespace search for:
	assertion violations	+

State-vector 152 byte, depth reached 7284, errors: ${errors}
  1364753 states, stored
  5421092 states, matched
  534.019	total actual memory usage
`;

describe('what a verifier says', () => {
  it('is clean when it came to the end of all states', () => {
    const finding = readFinding(end(0));
    expect(finding).toEqual({ verdict: 'clean', states: 1364753, depth: 7284, memoryMb: 534, reason: '' });
  });

  it('is caught when an assertion failed', () => {
    const output = `pan:1: assertion violated (writers<=1) (at depth 31)\n${end(1)}`;
    expect(readFinding(output)).toMatchObject({ verdict: 'caught', states: 1364753 });
  });

  it.each([
    ['pan: reached -DMEMLIM bound\n', 'Its limit of memory was reached.'],
    ['error: max search depth too small\n', 'Its limit of depth was reached.'],
    ['Warning: Search not completed\n', 'The search was not completed.'],
  ])('is unfinished after %j although no error was found', (warning, reason) => {
    expect(readFinding(`${warning}${end(0)}`)).toMatchObject({ verdict: 'unfinished', reason });
  });

  it('is unfinished after an error that is no assertion: the model itself is wrong', () => {
    const output = `pan:1: invalid end state (at depth 3)\n${end(1)}`;
    expect(readFinding(output)).toMatchObject({ verdict: 'unfinished' });
  });

  it('is unfinished when it was ended before its end', () => {
    expect(readFinding('Depth= 1000 States= 1e+06')).toMatchObject({
      verdict: 'unfinished',
      reason: 'The verifier did not come to its end.',
    });
  });
});
