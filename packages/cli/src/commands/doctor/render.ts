import { paint } from '../../text/colour.ts';
import { hanging } from '../../text/wrap.ts';
import type { Finding } from './finding.ts';

/** What is wrong, errors first, each with why and how to mend it; then one line of sums. */
export function renderFindings(
  findings: readonly Finding[],
  options: { readonly all: boolean; readonly width: number; readonly color: boolean },
): string {
  const width = Math.min(100, Math.max(60, options.width));
  const colour = paint(options.color);
  const of = (level: Finding['level']): readonly Finding[] =>
    findings.filter((finding) => finding.level === level);
  const errors = of('error').map((finding) => block('ERROR    ', finding, width, colour.red));
  const warnings = of('warning').map((finding) => block('WARNING  ', finding, width, colour.yellow));
  const fine = options.all ? of('ok').map((finding) => block('ok       ', finding, width, colour.green)) : [];
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const sum = `${count(errors.length, 'error')}, ${count(warnings.length, 'warning')}, ${of('ok').length} well.`;
  return [...errors, ...warnings, ...fine, sum].join('\n');
}

function block(
  mark: string,
  { what, why, mend }: Finding,
  width: number,
  strong: (text: string) => string,
): string {
  const indent = ' '.repeat(mark.length);
  return [
    strong(hanging(mark, what, width)),
    ...(why === undefined ? [] : [hanging(indent, why, width)]),
    ...(mend === undefined ? [] : remedy(indent, mend, width)),
  ].join('\n');
}

/** Its first line is prose; those after it are to be copied as they are. */
function remedy(indent: string, mend: string, width: number): readonly string[] {
  const [first = '', ...exact] = mend.split('\n');
  return [hanging(`${indent}-> `, first, width), ...exact.map((line) => `${indent}   ${line}`)];
}
