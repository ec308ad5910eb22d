import {
  type Lsn,
  lsn,
  type NodeId,
  nodeId,
  type SlotView,
  type StandbyView,
  type TimelineId,
  timelineId,
} from '@hamn/core';
import { timelineOfWalFile } from '../files/timeline.ts';
import { booleanField, lsnField, numberField, rowField, rowsField, textField } from './fields.ts';
import type { Row } from './session.ts';

/** What one look at a running server tells. */
export interface ServerFacts {
  readonly inRecovery: boolean;
  /** When the postmaster started: it names this run of the server. */
  readonly started: string;
  readonly systemId: string;
  /** Primary: of the WAL that it writes. Standby: the newest that the server's views know. */
  readonly timeline: TimelineId | undefined;
  readonly flushed: Lsn | undefined;
  readonly replayed: Lsn | undefined;
  readonly streaming: boolean;
  readonly standbys: readonly StandbyView[];
  /** synchronous_standby_names as text. */
  readonly names: string;
  readonly slots: readonly SlotView[];
  readonly redo: Lsn | undefined;
  /** Standby: what its WAL receiver has received and flushed. */
  readonly received: Lsn | undefined;
  readonly replayedAgeMs: number | undefined;
}

/**
 * One statement, prepared once in a session: about a millisecond. On a primary the timeline is that of the WAL file being written, which is right from the moment of
 * promotion; pg_control's is that of the last checkpoint, which may be older (it stands in as the least that is known on a standby).
 * pg_is_in_recovery() only ever goes from true to false, so each CASE is safe.
 */
export const factsQuery = `
SELECT pg_is_in_recovery() AS in_recovery,
  CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_walfile_name(pg_current_wal_flush_lsn()) END AS wal_file,
  CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_flush_lsn()::text END AS written,
  pg_last_wal_receive_lsn()::text AS received,
  pg_last_wal_replay_lsn()::text AS replayed,
  extract(epoch FROM pg_postmaster_start_time())::text AS started,
  current_setting('synchronous_standby_names') AS names,
  (SELECT system_identifier::text FROM pg_control_system()) AS system_id,
  (SELECT json_build_object('timeline', timeline_id, 'redo', redo_lsn::text) FROM pg_control_checkpoint()) AS checkpoint,
  (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::float8 AS replayed_age,
  (SELECT min_recovery_end_timeline FROM pg_control_recovery()) AS recovery_timeline,
  (SELECT json_build_object('status', status, 'timeline', received_tli) FROM pg_stat_wal_receiver) AS receiver,
  (SELECT json_agg(json_build_object('name', application_name, 'state', state, 'sync', sync_state, 'flushed', flush_lsn::text,
      'replayed', replay_lsn::text, 'lag', (extract(epoch FROM replay_lag) * 1000)::float8))
     FROM pg_stat_replication WHERE state <> 'backup' AND application_name <> 'pg_basebackup') AS standbys,
  (SELECT json_agg(json_build_object('name', slot_name, 'active', active, 'restart', restart_lsn::text, 'lost', wal_status = 'lost') ORDER BY slot_name)
     FROM pg_replication_slots WHERE slot_type = 'physical' AND slot_name LIKE 'hamn\\_%') AS slots`;

/** Undefined when a column is missing: a server that hamn does not understand. */
export function readFacts(row: Row | undefined): ServerFacts | undefined {
  const inRecovery = booleanField(row, 'in_recovery');
  const started = textField(row, 'started');
  const systemId = textField(row, 'system_id');
  if (inRecovery === undefined || started === undefined || systemId === undefined) return undefined;
  const receiver = rowField(row, 'receiver');
  const checkpoint = rowField(row, 'checkpoint');
  return {
    inRecovery,
    started,
    systemId,
    timeline: inRecovery
      ? highest([
          numberField(checkpoint, 'timeline'),
          numberField(row, 'recovery_timeline'),
          numberField(receiver, 'timeline'),
        ])
      : timelineOfWalFile(textField(row, 'wal_file') ?? ''),
    flushed: inRecovery
      ? furthest(lsnField(row, 'received'), lsnField(row, 'replayed'))
      : lsnField(row, 'written'),
    replayed: inRecovery ? lsnField(row, 'replayed') : undefined,
    streaming: textField(receiver, 'status') === 'streaming',
    standbys: mergeByName(rowsField(row, 'standbys').map(readStandby)),
    names: textField(row, 'names') ?? '',
    slots: rowsField(row, 'slots').map(readSlot),
    redo: lsnField(checkpoint, 'redo'),
    received: inRecovery ? lsnField(row, 'received') : undefined,
    replayedAgeMs: inRecovery ? numberField(row, 'replayed_age') : undefined,
  };
}

const readStandby = (row: Row): StandbyView => ({
  node: nodeId(textField(row, 'name') ?? ''),
  state: textField(row, 'state') ?? 'unknown',
  synchronous: ['sync', 'quorum'].includes(textField(row, 'sync') ?? ''),
  flushedLsn: lsnField(row, 'flushed'),
  replayedLsn: lsnField(row, 'replayed'),
  replayLagMs: numberField(row, 'lag'),
  syncState: textField(row, 'sync'),
});

const readSlot = (row: Row): SlotView => ({
  name: textField(row, 'name') ?? '',
  active: booleanField(row, 'active') ?? false,
  restartLsn: lsnField(row, 'restart'),
  lost: booleanField(row, 'lost') ?? false,
});

/** A standby that just connected again is there twice until its old connection is noticed to be dead: the one that streams counts. */
function mergeByName(list: readonly StandbyView[]): readonly StandbyView[] {
  const byName = new Map<NodeId, StandbyView>();
  for (const view of list) {
    const other = byName.get(view.node);
    if (other === undefined || rank(view) > rank(other)) byName.set(view.node, view);
  }
  return [...byName.values()];
}

const rank = (view: StandbyView): bigint =>
  (view.state === 'streaming' ? 1n << 65n : 0n) + (view.flushedLsn ?? 0n);

const furthest = (a: Lsn | undefined, b: Lsn | undefined): Lsn | undefined =>
  a === undefined && b === undefined ? undefined : (a ?? lsn(0n)) > (b ?? lsn(0n)) ? a : b;

function highest(values: readonly (number | undefined)[]): TimelineId | undefined {
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  return most > 0 ? timelineId(most) : undefined;
}
