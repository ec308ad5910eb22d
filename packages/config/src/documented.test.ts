import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { warningsOf } from './testing/good-cluster.ts';

/** The settings on the pages of docs/configurations are whole ones: an admin takes them as they stand, and changes the addresses. */
const folder = join(import.meta.dirname, '../../../docs/configurations');

const settingsOn = (page: string): readonly string[] =>
  [...readFileSync(join(folder, page), 'utf8').matchAll(/^```yaml\n(version: .*?)^```$/gms)].map(
    ([, text]) => text ?? '',
  );

describe('the settings of the documented configurations', () => {
  const pages = readdirSync(folder).filter((name) => /^\d.*\.md$/.test(name));

  it.each(pages)('%s', (page) => {
    const all = settingsOn(page);
    expect(all).not.toEqual([]);
    for (const text of all) expect(warningsOf(text)).toBe('');
  });
});
