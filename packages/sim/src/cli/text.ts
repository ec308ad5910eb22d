import type { Summary } from '../run/run-many.ts';
import type { Scenario } from '../run/scenario.ts';

export function describeScenario(scenario: Scenario): string {
  const nodes = scenario.nodes
    .map(({ name, role, rate }) => `${name} (${role}, clock x ${rate.toFixed(4)})`)
    .join(', ');
  return [
    `seed ${scenario.seed}: ${nodes}`,
    `mode ${scenario.mode}, profile ${scenario.profile} (T ${scenario.timings.termMs} ms), ${scenario.faults} faults ` +
      `from ${scenario.faultsFromMs.toFixed(0)} ms, all over at ${scenario.healAtMs.toFixed(0)} ms`,
    'virtual ms  node    event (* marks a fault)',
  ].join('\n');
}

export function summarize(summary: Summary): string {
  const seeds = summary.failures.map((failure) => `${failure.seed} (${failure.checker})`);
  const failed = seeds.length === 0 ? '' : `; failing: ${seeds.join(', ')}`;
  const hours = (summary.virtualMs / 3_600_000).toFixed(2);
  return (
    `${summary.seeds} seeds, ${summary.failures.length} failures, ${hours} virtual hours, ` +
    `${(summary.wallMs / 1000).toFixed(1)} wall seconds, ${summary.acknowledged} acknowledged writes${failed}`
  );
}
