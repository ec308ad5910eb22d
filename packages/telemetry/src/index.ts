export { Journal, type JournalOptions, type KeptEvent } from './journal.ts';
export { type MetricDefinition, metrics } from './metrics.ts';
export { Metrics, type MetricsOptions } from './registry.ts';
