import type {
  CheckpointView,
  ConnectionsView,
  DiskView,
  Instant,
  PostgresStatistics,
  SlotStatistics,
} from '@hamn/core';
import { booleanField, numberField, rowField, rowsField, textField, textsField } from './fields.ts';
import type { Row } from './session.ts';

/** More than so many slots are not told of: each is a label in Prometheus. */
const mostSlots = 64;

/**
 * What changes slowly or costs more than a look at shared memory (sizes on disk); asked every few seconds in a session of its own. Works on a primary and on a standby, from
 * version 13 on: what a version does not have is null. Backends of clients and walsenders count against max_connections and max_wal_senders; only the former are counted.
 */
export const statisticsQuery = (version: number): string => `
WITH here AS (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS at)
SELECT (SELECT sum(size)::float8 FROM pg_ls_waldir()) AS wal_bytes,
  ${version >= 140_000 ? '(SELECT wal_bytes::float8 FROM pg_stat_wal)' : 'NULL::float8'} AS generated,
  (SELECT sum(pg_database_size(oid))::float8 FROM pg_database) AS database_bytes,
  (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
  current_setting('max_connections')::int AS connection_limit,
  current_setting('superuser_reserved_connections')::int AS reserved,
  (SELECT json_build_object('at', extract(epoch FROM checkpoint_time)::float8,
     'age', extract(epoch FROM clock_timestamp() - checkpoint_time)::float8,
     'wal', greatest(0, pg_wal_lsn_diff(at, redo_lsn))::float8) FROM pg_control_checkpoint(), here) AS checkpoint,
  (SELECT json_agg(json_build_object('name', slot_name, 'kind', slot_type, 'active', active,
     'retained', greatest(0, pg_wal_lsn_diff(at, restart_lsn))::float8) ORDER BY slot_name)
     FROM (SELECT * FROM pg_replication_slots ORDER BY slot_name LIMIT ${mostSlots}) AS slot, here) AS slots,
  (SELECT json_agg(name ORDER BY name) FROM pg_settings WHERE pending_restart) AS pending,
  (SELECT setting::float8 FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS slot_keep`;

const mebibyte = 1024 ** 2;

/** `row` undefined: the server did not tell; the disk is known all the same. */
export function readStatistics(
  row: Row | undefined,
  walDisk: DiskView | undefined,
  at: Instant,
): PostgresStatistics {
  const keep = numberField(row, 'slot_keep');
  return {
    at,
    walDisk,
    walBytes: numberField(row, 'wal_bytes'),
    walGeneratedBytes: numberField(row, 'generated'),
    databaseBytes: numberField(row, 'database_bytes'),
    connections: readConnections(row),
    checkpoint: readCheckpoint(rowField(row, 'checkpoint')),
    slots: rowsField(row, 'slots').map(readSlot),
    restartPending: textsField(row, 'pending'),
    slotKeepBytes: keep === undefined ? undefined : keep < 0 ? 'unlimited' : keep * mebibyte,
  };
}

function readConnections(row: Row | undefined): ConnectionsView | undefined {
  const used = numberField(row, 'used');
  const limit = numberField(row, 'connection_limit');
  const reserved = numberField(row, 'reserved');
  return used === undefined || limit === undefined || reserved === undefined
    ? undefined
    : { used, limit, reserved };
}

function readCheckpoint(row: Row | undefined): CheckpointView | undefined {
  const atSeconds = numberField(row, 'at');
  const ageSeconds = numberField(row, 'age');
  if (atSeconds === undefined || ageSeconds === undefined) return undefined;
  return { atSeconds, ageSeconds: Math.max(0, ageSeconds), walBytes: numberField(row, 'wal') };
}

const readSlot = (row: Row): SlotStatistics => ({
  name: textField(row, 'name') ?? '',
  kind: textField(row, 'kind') === 'logical' ? 'logical' : 'physical',
  active: booleanField(row, 'active') ?? false,
  retainedBytes: numberField(row, 'retained'),
});
