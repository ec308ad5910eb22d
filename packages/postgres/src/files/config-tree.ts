import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { fail, ok } from '@hamn/core';
import { errnoOf, type Outcome, reasonOf } from '../limit.ts';

/** One line of the configuration that sets something. */
export interface Occurrence {
  readonly name: string;
  readonly value: string;
  /** Its real path. */
  readonly file: string;
  readonly line: number;
}

/** All that a start would read, in the order in which it counts: a later line wins. */
export interface ConfigTree {
  readonly settings: readonly Occurrence[];
  /** Real paths of every file that was read. */
  readonly files: ReadonlySet<string>;
}

const maxDepth = 10;

/**
 * Reads postgresql.conf with its includes, then postgresql.auto.conf, as the server would (PostgreSQL documentation, "Setting Parameters").
 * Below `root`, where that is not the machine's own. Errors: `files`, with the place.
 */
export async function readConfigTree(
  configFile: string,
  dataDirectory: string,
  root = '',
): Promise<Outcome<ConfigTree>> {
  const settings: Occurrence[] = [];
  const files = new Set<string>();
  try {
    await readInto(join(root, configFile), { settings, files, root, depth: 0, mayBeMissing: false });
    await readInto(join(root, dataDirectory, 'postgresql.auto.conf'), {
      settings,
      files,
      root,
      depth: 0,
      mayBeMissing: true,
    });
  } catch (error) {
    return fail('files', `PostgreSQL's configuration cannot be read: ${reasonOf(error)}.`);
  }
  return ok({ settings, files });
}

interface Reading {
  readonly settings: Occurrence[];
  readonly files: Set<string>;
  readonly root: string;
  readonly depth: number;
  readonly mayBeMissing: boolean;
}

async function readInto(file: string, reading: Reading): Promise<void> {
  if (reading.depth > maxDepth) throw new Error(`${file} is included more than ${maxDepth} levels deep`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (reading.mayBeMissing && errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  const real = await realpath(file);
  reading.files.add(real);
  for (const [index, line] of text.split('\n').entries()) {
    const parsed = parseLine(line);
    if (parsed === undefined) continue;
    const path = isAbsolute(parsed.value)
      ? join(reading.root, parsed.value)
      : join(dirname(file), parsed.value);
    const deeper = { ...reading, depth: reading.depth + 1 };
    if (parsed.name === 'include') await readInto(path, { ...deeper, mayBeMissing: false });
    else if (parsed.name === 'include_if_exists') await readInto(path, { ...deeper, mayBeMissing: true });
    else if (parsed.name === 'include_dir') await readDirectory(path, deeper);
    else reading.settings.push({ ...parsed, file: real, line: index + 1 });
  }
}

/** Files that end in .conf and do not begin with a dot, in the C locale's order. */
async function readDirectory(directory: string, reading: Reading): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.conf') && !name.startsWith('.'));
  for (const name of names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    await readInto(join(directory, name), { ...reading, mayBeMissing: true });
}

/** `name = value`, `name value`, with a quoted or plain value and a comment behind; undefined for anything else. */
export function parseLine(line: string): { readonly name: string; readonly value: string } | undefined {
  const match =
    /^\s*([A-Za-z_][\w.]*)\s*(?:=\s*|\s+|(?='))(?:'((?:[^'\\]|''|\\.)*)'|([^\s#'=][^\s#']*))\s*(?:#.*)?$/.exec(
      line,
    );
  const name = match?.[1];
  if (match === null || name === undefined) return undefined;
  const quoted = match[2];
  const value =
    quoted === undefined ? (match[3] ?? '') : quoted.replaceAll("''", "'").replaceAll(/\\(.)/g, '$1');
  return { name: name.toLowerCase(), value };
}

/** A value as it stands in a configuration file. */
export const quoteValue = (value: string): string =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
