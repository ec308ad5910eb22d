import { numberField, rowsField, textField, textsField } from './fields.ts';
import type { Row } from './session.ts';

/** Who uses the connections, and which databases sort by another C library than they were made with. Asked now and then. */
export interface Pressure {
  readonly problems: readonly string[];
  /** `xcatadm from 10.1.0.5 (80)`: those with the most connections. */
  readonly users: string;
}

const crowdedShare = 0.9;

export const pressureQuery = `
SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS used,
  current_setting('max_connections')::int AS most,
  current_setting('superuser_reserved_connections')::int AS reserved,
  (SELECT json_agg(t) FROM (
     SELECT coalesce(usename, 'nobody yet') || coalesce(' from ' || host(client_addr), ' locally') AS who, count(*)::int AS sessions
       FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3) t) AS users`;

/** From PostgreSQL 15 on databases remember the version of the library that sorts for them. */
export const collationQuery = `
SELECT json_agg(datname ORDER BY datname) AS names FROM pg_database
 WHERE datallowconn AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)`;

export function readPressure(row: Row | undefined, collation: Row | undefined): Pressure {
  const used = numberField(row, 'used') ?? 0;
  const most = numberField(row, 'most') ?? 0;
  const reserved = numberField(row, 'reserved') ?? 0;
  const open = most - reserved;
  const users = rowsField(row, 'users')
    .map((user) => `${textField(user, 'who') ?? '?'} (${numberField(user, 'sessions') ?? 0})`)
    .join(', ');
  const problems: string[] = [];
  if (open > 0 && used >= open * crowdedShare)
    problems.push(
      `${used} of ${most} connections are in use, most by ${users}; the last ${reserved} are for superusers alone, hamn among them. End sessions that nobody needs, or raise max_connections.`,
    );
  const names = textsField(collation, 'names');
  if (names.length > 0)
    problems.push(
      `The C library here sorts text by another version than the one that these databases were made with: ${names.join(', ')}. Indexes on text may be wrong. On the primary: REINDEX DATABASE, then ALTER DATABASE ... REFRESH COLLATION VERSION; better, have the same release on all nodes.`,
    );
  return { problems, users };
}
