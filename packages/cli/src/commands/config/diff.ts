import type { Paint } from '../../text/colour.ts';

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** The longest common subsequence of two texts, line by line; settings are short, so the plain table will do. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const old = linesOf(before);
  const fresh = linesOf(after);
  const width = fresh.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--)
    for (let column = fresh.length - 1; column >= 0; column--)
      common[row * width + column] =
        old[row] === fresh[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < old.length || column < fresh.length) {
    const [left, right] = [old[row], fresh[column]];
    if (left !== undefined && left === right) {
      lines.push({ kind: 'same', text: left });
      row += 1;
      column += 1;
    } else if (right === undefined || (left !== undefined && at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ kind: 'removed', text: left ?? '' });
      row += 1;
    } else {
      lines.push({ kind: 'added', text: right });
      column += 1;
    }
  }
  return lines;
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** Changed lines with two lines around them; empty when nothing changed. */
export function renderDiff(lines: readonly DiffLine[], colour: Paint): string {
  const near = (index: number): boolean =>
    lines.slice(Math.max(0, index - 2), index + 3).some((line) => line.kind !== 'same');
  const shown: string[] = [];
  let skipped = false;
  for (const [index, line] of lines.entries()) {
    if (!near(index)) {
      skipped = true;
      continue;
    }
    if (skipped) shown.push(colour.dim('  ...'));
    skipped = false;
    if (line.kind === 'same') shown.push(`  ${line.text}`);
    else shown.push(line.kind === 'added' ? colour.green(`+ ${line.text}`) : colour.red(`- ${line.text}`));
  }
  return shown.join('\n');
}
