import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

const none = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Columns without lines; the last one is wrapped so that the whole fits into `width`. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const fixed = head
    .slice(0, -1)
    .map((title, column) =>
      Math.max(visibleLength(title), ...rows.map((row) => visibleLength(row[column] ?? ''))),
    );
  const used = fixed.reduce((sum, columnWidth) => sum + columnWidth + 2, 0);
  const table = new Table({
    chars: none,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: [...fixed, Math.max(20, width - used)],
    wordWrap: true,
  });
  table.push([...head], ...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const visibleLength = (text: string): number => stripVTControlCharacters(text).length;
