import type { Behaviour } from './behaviour.ts';
import type { Printed } from './snmove.ts';
import { attributeOf, groupsOf, isTable, readTable, tableText } from './tables.ts';

/** `nodels [-H] RANGE TABLE.COLUMN...`: a line for each node and column; with one column and without -H the name of the column is left out. */
export function nodels(directory: string, argv: readonly string[], does: Behaviour): Printed {
  const words = argv.filter((arg) => arg !== '-H');
  const [range = '/.*', ...columns] = words;
  const all = readTable(directory, 'nodelist').map((row) => row['node'] ?? '');
  const pattern = range.startsWith('/') ? new RegExp(`^${range.slice(1)}$`) : undefined;
  const nodes = all.filter((node) =>
    pattern === undefined
      ? range.split(',').some((word) => word === node || groupsOf(directory, node).includes(word))
      : pattern.test(node),
  );
  const shown = nodes.slice(0, does.nodelsStopsAfter);
  const isNamed = argv.includes('-H') || columns.length > 1;
  const out = shown.flatMap((node) =>
    columns.map((column) => {
      const [table = '', name = ''] = column.split('.');
      const value = isTable(table) ? attributeOf(directory, table, node, name) : '';
      return isNamed ? `${node}: ${column}: ${value}` : `${node}: ${value}`;
    }),
  );
  const errors = shown.length < nodes.length ? ['Error: Lost connection to the database'] : [];
  return { out: columns.length === 0 ? shown : out, errors, code: 0 };
}

/** `tabdump TABLE`: the rows as they stand, of groups and regular expressions, too. */
export function tabdump(directory: string, argv: readonly string[]): Printed {
  const [table = ''] = argv;
  if (!isTable(table)) return { out: [], errors: [`No such table: ${table}`], code: 1 };
  return { out: [tableText(table, readTable(directory, table)).trimEnd()], errors: [], code: 0 };
}
