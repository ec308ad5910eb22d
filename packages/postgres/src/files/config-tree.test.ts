import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseLine, quoteValue, readConfigTree } from './config-tree.ts';

describe('one line of a configuration file', () => {
  test.each([
    ['port = 5432', 'port', '5432'],
    ['  Port 5432 # the usual', 'port', '5432'],
    ["listen_addresses='*'", 'listen_addresses', '*'],
    ['search_path = \'"$user", public\'', 'search_path', '"$user", public'],
    ["cluster_name = 'it''s \\'this\\' # one'  # why", 'cluster_name', "it's 'this' # one"],
    ["include 'other.conf'", 'include', 'other.conf'],
    ["empty = ''", 'empty', ''],
    ['pg_stat_statements.max = 1000', 'pg_stat_statements.max', '1000'],
  ])('%s', (line, name, value) => {
    expect(parseLine(line)).toEqual({ name, value });
  });

  test.each(['', '# port = 1', '   ', 'just words and more'])('nothing is set by: %s', (line) => {
    expect(parseLine(line)).toBeUndefined();
  });

  test('what is quoted is read as it was', () => {
    const value = "host=10.0.0.1 passfile='/a \\'b\\'' x";
    expect(parseLine(`name = ${quoteValue(value)}`)).toEqual({ name: 'name', value });
  });
});

describe('all that a start would read', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'hamn-config-'));
    mkdirSync(join(root, 'conf.d'));
    mkdirSync(join(root, 'data'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const write = (name: string, text: string): void => writeFileSync(join(root, name), text);

  test('counts in the order of the includes, and postgresql.auto.conf last', async () => {
    write('postgresql.conf', "a = 1\ninclude_dir = 'conf.d'\na = 4\ninclude_if_exists = 'missing.conf'\n");
    write('conf.d/20.conf', 'a = 3\n');
    write('conf.d/10.conf', 'a = 2\n');
    write('conf.d/.hidden.conf', 'a = 9\n');
    write('conf.d/README', 'a = 9\n');
    write('data/postgresql.auto.conf', "a = '5'\n");
    const tree = await readConfigTree(join(root, 'postgresql.conf'), join(root, 'data'));
    expect(tree.ok && tree.value.settings.map(({ value, line }) => [value, line])).toEqual([
      ['1', 1],
      ['2', 1],
      ['3', 1],
      ['4', 3],
      ['5', 1],
    ]);
  });

  test('a missing include is an error with its place', async () => {
    write('postgresql.conf', "include = 'gone.conf'\n");
    const tree = await readConfigTree(join(root, 'postgresql.conf'), join(root, 'data'));
    expect(tree).toMatchObject({ ok: false, error: { code: 'files' } });
    expect(tree.ok ? '' : tree.error.message).toContain('gone.conf');
  });
});
