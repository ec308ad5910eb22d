import type { NodeStatus } from './lab.ts';

/** The lab's machines as a table for a person. */
export function statusTable(status: readonly NodeStatus[]): string {
  if (status.length === 0) return "The lab has no machines yet. Make them with 'npm run lab -- up'.";
  const rows = [
    ['NODE', 'POWER', 'LINK', 'ADDRESS', 'INIT PID', 'BOOT', 'SINCE'],
    ...status.map((each) => [
      each.node,
      each.frozen ? 'on, frozen' : each.power,
      each.power === 'on' ? each.link : '-',
      each.ipv4,
      String(each.initPid ?? '-'),
      each.bootId?.slice(0, 8) ?? '-',
      each.since?.toISOString() ?? '-',
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
