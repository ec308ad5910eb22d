import type { NodeId } from '@hamn/core';
import { type Capacities, capacityNames, readCapacities } from '../files/capacities.ts';
import { booleanField, numberField, textField, textsField } from './fields.ts';
import type { Row } from './session.ts';

/** What changes only with a restart or a reload: asked once for each session of observation. */
export interface RunFacts {
  /** No reload since the start: every process of this run has the same settings. */
  readonly neverReloaded: boolean;
  /** The first reads synchronous_standby_names safely at start: see `startsWaiting`. */
  readonly version: number;
  readonly problems: readonly string[];
  readonly inRecovery: boolean;
  /** Those that a standby must have as high as its primary. */
  readonly capacities: Capacities;
}

export const runFactsQuery: string = `
SELECT pg_is_in_recovery() AS in_recovery,
  pg_conf_load_time() <= pg_postmaster_start_time() AS never_reloaded,
  current_setting('server_version_num')::int AS version,
  current_setting('synchronous_commit') AS synchronous_commit,
  current_setting('fsync') AS fsync,
  current_setting('max_slot_wal_keep_size') AS slot_keep,
  (SELECT json_agg(name ORDER BY name) FROM pg_settings WHERE pending_restart) AS pending,
  (SELECT json_object_agg(name, setting::int) FROM pg_settings
    WHERE name IN (${capacityNames.map((name) => `'${name}'`).join(', ')})) AS for_standbys,
  (SELECT json_agg(DISTINCT setting || coalesce(' for role ' || rolname, '') || coalesce(' in database ' || datname, ''))
     FROM pg_db_role_setting CROSS JOIN unnest(setconfig) AS setting
     LEFT JOIN pg_roles ON pg_roles.oid = setrole LEFT JOIN pg_database ON pg_database.oid = setdatabase
    WHERE setting IN ('synchronous_commit=off', 'synchronous_commit=local')) AS lax`;

export function readRunFacts(row: Row | undefined, synchronous: readonly NodeId[]): RunFacts {
  const version = numberField(row, 'version') ?? 0;
  const neverReloaded = booleanField(row, 'never_reloaded') ?? false;
  const problems: string[] = [];
  const commit = textField(row, 'synchronous_commit') ?? 'on';
  if (synchronous.length > 0) {
    if (commit === 'off' || commit === 'local') problems.push(commitDoesNotWait(commit));
    for (const lax of textsField(row, 'lax'))
      problems.push(`${lax}: commits made there are not waited for and can be lost in a failover.`);
    if (!startsWaiting(version))
      problems.push(
        `PostgreSQL ${version} may acknowledge a few commits without waiting just after it was started (fixed in 13.21, 14.18, 15.13, 16.9 and 17.5). Update it.`,
      );
  }
  if (textField(row, 'fsync') === 'off')
    problems.push(
      'fsync is off: a power cut can destroy the database. Set fsync = on and restart PostgreSQL.',
    );
  if (textField(row, 'slot_keep') === '-1')
    problems.push(
      'max_slot_wal_keep_size is unlimited by your own setting: the replication slot of a standby that stays away keeps WAL until the disk is full. Set a limit, or take the setting out of your files so that hamn sets one; until then hamn only gives up unused slots when free space falls below slotFree.',
    );
  const pending = textsField(row, 'pending');
  if (pending.length > 0)
    problems.push(
      `These settings take effect with the next start of PostgreSQL only: ${pending.join(', ')}.`,
    );
  return {
    neverReloaded,
    version,
    problems,
    inRecovery: booleanField(row, 'in_recovery') ?? true,
    capacities: readCapacities(row?.['for_standbys']),
  };
}

export const commitDoesNotWait = (value: string): string =>
  `synchronous_commit is '${value}': commits are acknowledged without waiting for any standby. Set synchronous_commit = on in postgresql.conf and reload.`;

/** First minor releases in which a server just started waits although its checkpointer has not read the names yet. */
const fixedIn: Readonly<Record<number, number>> = { 13: 21, 14: 18, 15: 13, 16: 9, 17: 5 };

export function startsWaiting(version: number): boolean {
  const major = Math.floor(version / 10_000);
  return major >= 18 || version % 10_000 >= (fixedIn[major] ?? Number.POSITIVE_INFINITY);
}
