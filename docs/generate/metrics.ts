import { metrics } from '@hamn/telemetry';
import { generatedFrom, type Page, page, table } from './page.ts';

export function metricPages(): readonly Page[] {
  const rows = metrics.map((metric) => [
    `\`${metric.name}\``,
    metric.type,
    metric.labels.map((label) => `\`${label}\``).join(', '),
    metric.help,
  ]);
  return [
    page(
      'reference/metrics.md',
      '# Metrics',
      generatedFrom('packages/telemetry/src/metrics.ts'),
      'Prometheus reads them at `/metrics` of each node’s API. A metric whose value is not known now is ' +
        'absent, never a guess. Lengths of time are in seconds, amounts of data in bytes.',
      table(['name', 'type', 'labels', 'meaning'], rows),
    ),
  ];
}
