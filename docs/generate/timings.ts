import { leastMarginMs, marginParts, profiles, type Timings } from '@hamn/core';
import { generatedFrom, type Page, page, table } from './page.ts';

const sumMs = (timings: Timings): number => 2 * timings.requestMs + timings.intervalMs + timings.marginMs;

const row = (name: string, timings: Timings): readonly string[] => {
  const { termMs, intervalMs, requestMs, marginMs, observeMs } = timings;
  const sum = `2 x ${requestMs} + ${intervalMs} + ${marginMs} = ${sumMs(timings)} < ${termMs}`;
  const figures = [termMs, intervalMs, requestMs, marginMs, termMs - marginMs].map(String);
  return [`\`${name}\``, ...figures, sum, String(observeMs)];
};

const marginRow = (name: string, { termMs }: Timings): readonly string[] => {
  const drift = Math.round(termMs * marginParts.driftShare);
  const parts = [drift, marginParts.demotionMs, marginParts.granularityMs, leastMarginMs(termMs)];
  return [`\`${name}\``, ...parts.map(String)];
};

/** The profiles, and the sum that must fit into a term. */
export function timingPages(): readonly Page[] {
  const all = Object.entries(profiles);
  return [
    page(
      'reference/timings.md',
      '# Timings',
      generatedFrom('packages/core/src/timings.ts'),
      'All in milliseconds. A profile is chosen by `profile:` in the cluster’s settings; each figure can be set by itself below `timings:`. ' +
        'T is written into the leader key when a term is taken and holds for that term: a change counts from the next take on.',
      table(
        [
          'profile',
          'termMs (T)',
          'intervalMs',
          'requestMs',
          'marginMs (m)',
          'deadline after the last renewal',
          'the sum',
          'observeMs',
        ],
        all.map(([name, timings]) => row(name, timings)),
      ),
      '- **termMs**: how long every candidate waits after the last sign of the primary before it may take over.\n' +
        '- **intervalMs**: how often the primary renews, by etcd and by the promises of the other nodes.\n' +
        '- **requestMs**: the limit of one request to etcd or to another node.\n' +
        '- **marginMs**: how much earlier than T the primary itself ends.\n' +
        '- **observeMs**: the limit of one look at PostgreSQL, systemd, the kernel and the guard; T / 20, at least 150, at most intervalMs. ' +
        'What does not answer in time is unknown, and a node that cannot see its database is no candidate: a slow machine needs more.',
      'The sum must stay below T, so that two renewals in a row may be lost before the deadline: ' +
        '`2 x requestMs + intervalMs + marginMs < termMs`. Settings in which it does not are refused with the sum shown.',
      '## What the margin pays for',
      table(
        ['profile', `clock drift (${marginParts.driftShare} T)`, 'demotion', 'granularity', 'least marginMs'],
        all.map(([name, timings]) => marginRow(name, timings)),
      ),
      'The drift is what two machines’ clocks may differ by over one term. The demotion is the time from the deadline to a node that is ' +
        'verified as harmless. What is outside of both is in [safety.md](../safety.md).',
    ),
  ];
}
