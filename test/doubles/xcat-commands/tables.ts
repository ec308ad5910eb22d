import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** xCAT's tables as files in a directory, in the form in which tabdump prints them. A row may be of a node, of a group, or of a regular expression. */
export type Row = Readonly<Record<string, string>>;

const columns = {
  nodelist: ['node', 'groups', 'status', 'comments', 'disable'],
  noderes: [
    'node',
    'servicenode',
    'tftpserver',
    'nfsserver',
    'monserver',
    'xcatmaster',
    'comments',
    'disable',
  ],
} as const;
export type TableName = keyof typeof columns;
export const isTable = (name: string): name is TableName => name in columns;

const pathOf = (directory: string, table: TableName): string => join(directory, `${table}.csv`);

export function tableText(table: TableName, rows: readonly Row[]): string {
  const head = `#${columns[table].join(',')}`;
  const lines = rows.map((row) => columns[table].map((name) => quoted(row[name] ?? '')).join(','));
  return `${[head, ...lines].join('\n')}\n`;
}

const quoted = (value: string): string => (value === '' ? '' : `"${value.replaceAll('"', '""')}"`);

export function readTable(directory: string, table: TableName): readonly Row[] {
  const lines = readFileSync(pathOf(directory, table), 'utf8').split('\n').slice(1).filter(Boolean);
  return lines.map((line) => {
    const values = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, text, bare]) =>
      (text ?? bare ?? '').replaceAll('""', '"'),
    );
    return Object.fromEntries(columns[table].map((name, at) => [name, values[at] ?? '']));
  });
}

/** Whole or not at all. */
export function writeTable(directory: string, table: TableName, rows: readonly Row[]): void {
  const path = pathOf(directory, table);
  writeFileSync(`${path}.new`, tableText(table, rows));
  renameSync(`${path}.new`, path);
}

export const groupsOf = (directory: string, node: string): readonly string[] =>
  (readTable(directory, 'nodelist').find((row) => row['node'] === node)?.['groups'] ?? '').split(',');

/** A node's value: of its own row, else of a group's, else of the first regular expression `|pattern|value|` whose pattern fits. */
export function attributeOf(directory: string, table: TableName, node: string, column: string): string {
  const rows = readTable(directory, table);
  const names = [node, ...groupsOf(directory, node)];
  for (const name of names) {
    const value = rows.find((row) => row['node'] === name)?.[column] ?? '';
    if (value === '') continue;
    const [, pattern, replacement] = /^\|([^|]+)\|([^|]*)\|$/.exec(value) ?? [];
    if (pattern === undefined) return value;
    const match = new RegExp(`^(?:${pattern})$`).exec(node);
    if (match !== null) return (replacement ?? '').replace(/\(\$(\d)\)/g, (_, at) => match[Number(at)] ?? '');
  }
  return '';
}

/** Writes of one process at a time, as a database's table lock does it; waits up to 30 s. @throws Error when the lock stays taken */
export async function withLock(directory: string, work: () => void): Promise<void> {
  const path = join(directory, 'lock');
  const giveUpAt = performance.now() + 30_000;
  for (;;) {
    try {
      closeSync(openSync(path, 'wx'));
      break;
    } catch {
      if (performance.now() > giveUpAt) throw new Error('The table noderes is locked.');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  try {
    work();
  } finally {
    rmSync(path, { force: true });
  }
}
