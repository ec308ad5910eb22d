import { limits, monitor, type ResourceTraits, seconds, serviceTraits } from './traits.ts';

/** The group's database: a standby everywhere, promoted on the primary. Its settings are those of the group's `postgres:`. */
export interface PostgresResource {
  readonly kind: 'postgres';
  readonly unit: string;
  /** So that it waits for what is mounted there. */
  readonly dataDirectory: string;
}

/** PostgreSQL cannot go from primary to standby while it runs: it is stopped and started as one. */
export const postgresTraits = (_: PostgresResource): ResourceTraits => ({
  ...serviceTraits,
  layer: 'base',
  defaults: {
    limits: limits({
      startMs: seconds(60),
      stopMs: seconds(30),
      promoteMs: seconds(30),
      demoteMs: seconds(30),
    }),
    monitor: monitor({ intervalMs: seconds(2), depth: 'deep' }),
  },
  promotable: true,
});
