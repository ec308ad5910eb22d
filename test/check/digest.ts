import type { Outcome } from './step.ts';

/** Lines of one failed step, and of the message under one failed test. */
const linesOfStep = 40;
const linesOfTest = 8;

const failedTest = /^\s*FAIL\s+\S/;
const failedWord = /^\s*FAIL\s*/;

/** What failed, short: vitest's failed tests, each with the beginning of its message, else how the output ends. */
export function digestOf({ step, output, reason }: Pick<Outcome, 'step' | 'output' | 'reason'>): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const tests = lines.flatMap((line, at) => (failedTest.test(line) ? [messageAt(lines, at)] : []));
  const told = tests.length > 0 ? tests.flat() : lines.slice(-linesOfTest);
  return [`${step.name}: ${reason}`, ...told.slice(0, linesOfStep).map((line) => `  ${line}`)].join('\n');
}

/** A line for each failed test, else one for the step: what is left of a log whose keeper counts its lines. */
export function namesOf({
  step,
  output,
  reason,
}: Pick<Outcome, 'step' | 'output' | 'reason'>): readonly string[] {
  const tests = output.split('\n').filter((line) => failedTest.test(line));
  const names = new Set(tests.map((line) => `${step.name}: ${line.replace(failedWord, '')}`));
  return names.size === 0 ? [`${step.name}: ${reason}`] : [...names];
}

function messageAt(lines: readonly string[], at: number): readonly string[] {
  const rest = lines.slice(at + 1, at + linesOfTest);
  const next = rest.findIndex((line) => failedTest.test(line));
  return [lines[at] ?? '', ...(next === -1 ? rest : rest.slice(0, next))];
}
