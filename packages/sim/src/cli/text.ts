import type { Hunt } from '../run/hunt.ts';
import type { SeedFailure } from '../run/judge-seed.ts';
import type { Scenario } from '../run/scenario.ts';
import type { Summary } from '../run/summary.ts';

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

export const describeFailure = ({ seed, checker, atMs, message }: SeedFailure): string =>
  `seed ${seed}: ${checker} at ${atMs.toFixed(0)} ms: ${message}`;

export function summarize(summary: Summary): string {
  const { seeds, failures, virtualMs, wallMs, acknowledged } = summary;
  const names = failures.map((failure) => `${failure.seed} (${failure.checker})`);
  const failed = names.length === 0 ? '' : `; failing: ${names.join(', ')}`;
  const seconds = wallMs / 1000;
  return (
    `${seeds} seeds, ${failures.length} failures, ${(virtualMs / 3_600_000).toFixed(2)} virtual hours, ` +
    `${seconds.toFixed(1)} wall seconds, ${(seeds / seconds).toFixed(1)} seeds per second, ${acknowledged} acknowledged writes${failed}`
  );
}

export const huntHead: string = `${'planted bug'.padEnd(30)}${'found by'.padEnd(24)}${'seed'.padStart(5)}  within`;

export const describeHunt = ({ name, checker, seed, within, message }: Hunt): string =>
  seed === undefined
    ? `${name.padEnd(30)}${'SURVIVED'.padEnd(24)}${'-'.padStart(5)}${String(within).padStart(8)}  ${message}`
    : `${name.padEnd(30)}${checker.padEnd(24)}${String(seed).padStart(5)}${String(within).padStart(8)}`;

export function summarizeHunts(hunts: readonly Hunt[], wallMs: number): string {
  const found = hunts.filter(({ seed }) => seed !== undefined).length;
  return `${found} of ${hunts.length} planted bugs were found in ${(wallMs / 1000).toFixed(1)} s`;
}
