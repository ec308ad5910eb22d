import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { losses } from './losses.ts';

/** The first column of the table below a heading. */
function firstColumn(text: string, heading: string): readonly string[] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) => row.split('|')[1]?.trim() ?? '');
}

test('every row of “When nodes are lost” is proven, and nothing else is', () => {
  const safety = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'safety.md'), 'utf8');
  expect([...new Set(losses.map(({ lost }) => lost))]).toEqual(firstColumn(safety, 'When nodes are lost'));
});
