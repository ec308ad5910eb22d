import type { RunResult } from './run-fault.ts';

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
};

const spread = (values: readonly number[]): string =>
  values.length === 0 ? '-' : `${Math.round(median(values))} (${Math.min(...values)}-${Math.max(...values)})`;

const kindOf = (result: RunResult): string => `${result.fault} ${result.profile} ${result.load_per_s}`;

/** What was asked of the load, and the least of what it had acknowledged before a fault. */
const loadOf = (runs: readonly RunResult[]): string => {
  const [first] = runs;
  if (first === undefined || first.load_per_s === 0) return '-';
  return `${first.load_per_s} (>=${Math.min(...runs.map((run) => run.loaded_per_s))})`;
};

/** One line a fault: median (least-most). */
export function renderTable(results: readonly RunResult[]): string {
  const head = [
    'fault',
    'profile',
    'runs',
    'load /s',
    'write outage ms',
    'VIP outage ms',
    'harmless before ms',
    'healthy after s',
    'lost',
    'dual',
  ];
  const kinds = [...new Set(results.map(kindOf))];
  const lines = kinds.map((kind) => {
    const runs = results.filter((result) => kindOf(result) === kind);
    const [first] = runs;
    const of = (pick: (run: RunResult) => number | null): string =>
      spread(runs.map(pick).filter((value) => value !== null));
    return [
      first?.fault ?? '',
      first?.profile ?? '',
      String(runs.length),
      loadOf(runs),
      of((run) => run.write_outage_ms),
      of((run) => run.vip_outage_ms),
      of((run) => run.harmless_before_ms),
      of((run) => run.healthy_after_s),
      String(runs.reduce((sum, run) => sum + run.lost, 0)),
      String(runs.reduce((sum, run) => sum + run.dual, 0)),
    ];
  });
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
