import { type Instant, lagBytes, type PostgresServer, type PostgresStatistics } from '@hamn/core';

export type SetGauge = (name: string, value: number, ...labels: readonly string[]) => void;

type UpServer = Extract<PostgresServer, { kind: 'up' }>;

const flag = (value: boolean): number => (value ? 1 : 0);
const perSecond = 1000;

/** What each look at the server tells: positions, and the standbys as the primary sees them. */
export function collectServer(server: UpServer, set: SetGauge): void {
  const { receivedLsn, replayedLsn, replayedAgeMs } = server;
  if (receivedLsn !== undefined) set('hamn_postgres_received_lsn_bytes', Number(receivedLsn));
  if (replayedLsn !== undefined) set('hamn_postgres_replayed_lsn_bytes', Number(replayedLsn));
  if (replayedAgeMs !== undefined)
    set('hamn_postgres_replayed_age_seconds', Math.max(0, replayedAgeMs) / perSecond);
  for (const standby of server.standbys) {
    const { node, state, syncState, flushedLsn, replayLagMs } = standby;
    set('hamn_standby_streaming', flag(state === 'streaming'), node);
    if (syncState !== undefined) set('hamn_standby_sync_state', 1, node, syncState);
    if (flushedLsn !== undefined)
      set('hamn_standby_lag_bytes', lagBytes(server.flushedLsn, flushedLsn), node);
    if (standby.replayedLsn !== undefined)
      set('hamn_standby_replay_lag_bytes', lagBytes(server.flushedLsn, standby.replayedLsn), node);
    if (replayLagMs !== undefined) set('hamn_standby_replay_lag_seconds', replayLagMs / perSecond, node);
  }
}

/** What is asked every few seconds. */
export function collectStatistics(of: PostgresStatistics, now: Instant, set: SetGauge): void {
  const some = (name: string, value: number | undefined): void => {
    if (value !== undefined) set(name, value);
  };
  set('hamn_postgres_statistics_age_seconds', Math.max(0, now - of.at) / perSecond);
  for (const { name, kind, active, retainedBytes } of of.slots) {
    set('hamn_slot_active', flag(active), name, kind);
    if (retainedBytes !== undefined) set('hamn_slot_retained_bytes', retainedBytes, name, kind);
  }
  some('hamn_wal_disk_free_bytes', of.walDisk?.freeBytes);
  some('hamn_wal_disk_size_bytes', of.walDisk?.totalBytes);
  some('hamn_wal_files_bytes', of.walBytes);
  some('hamn_wal_generated_bytes_total', of.walGeneratedBytes);
  some('hamn_checkpoint_timestamp_seconds', of.checkpoint?.atSeconds);
  some('hamn_checkpoint_age_seconds', of.checkpoint?.ageSeconds);
  some('hamn_checkpoint_wal_bytes', of.checkpoint?.walBytes);
  some('hamn_postgres_connections', of.connections?.used);
  some('hamn_postgres_connections_limit', of.connections?.limit);
  some('hamn_postgres_connections_reserved', of.connections?.reserved);
  some('hamn_postgres_databases_bytes', of.databaseBytes);
  set('hamn_postgres_restart_pending', of.restartPending.length);
  for (const name of of.restartPending) set('hamn_postgres_restart_pending_setting', 1, name);
}
