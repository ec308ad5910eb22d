/** Every metric that hamnd offers. The reference is generated from this table, and a test holds that each is set. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: readonly string[];
}

const metric = (
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  ...labels: readonly string[]
): MetricDefinition => ({
  name,
  type,
  help,
  labels,
});

export const metrics: readonly MetricDefinition[] = [
  metric('gauge', 'hamn_build_info', 'Always 1; the version of hamnd.', 'version'),
  metric('gauge', 'hamn_role', '1 for the role that this node has now, 0 for the others.', 'role'),
  metric('gauge', 'hamn_healthy', '1 while this node has no problem.'),
  metric('gauge', 'hamn_problems', 'How many problems this node reports.'),
  metric('gauge', 'hamn_paused', '1 while hamn is paused.'),
  metric(
    'gauge',
    'hamn_failover_waiting',
    '1 while the primary is gone and this node waits for an admin to let it take over.',
  ),
  metric('gauge', 'hamn_fencing_token', 'The mod-revision of the leader key that this node knows of.'),
  metric(
    'gauge',
    'hamn_term_remaining_seconds',
    'Until this holder’s deadline; absent on nodes that do not hold the term.',
  ),
  metric(
    'gauge',
    'hamn_term_renewed_seconds_ago',
    'How long ago etcd or the promises renewed the term.',
    'by',
  ),
  metric('gauge', 'hamn_holder_silent_seconds', 'How long ago this node received a new sign of the holder.'),
  metric('gauge', 'hamn_electorate_members', 'Nodes that may take the term.'),
  metric(
    'gauge',
    'hamn_synchronous_members',
    'Nodes that have every acknowledged write, the primary included.',
  ),
  metric(
    'gauge',
    'hamn_degraded',
    '1 while a synchronous mode has no synchronous standby, or mode quorum fewer than it asks for.',
  ),
  metric('gauge', 'hamn_candidate_eligible', '1 while this node’s data would let it become primary.'),
  metric('gauge', 'hamn_guard_up', '1 while hamn-guard answers.'),
  metric('gauge', 'hamn_watchdog', '1 for what hamn-guard says of the machine’s watchdog.', 'state'),
  metric(
    'gauge',
    'hamn_fence_device_up',
    '1 where a fencing device told this node the power of its target when it was last asked.',
    'device',
    'target',
  ),
  metric('gauge', 'hamn_postgres_up', '1 while PostgreSQL takes sessions on this node.'),
  metric('gauge', 'hamn_postgres_in_recovery', '1 on a standby, 0 on a writable server.'),
  metric('gauge', 'hamn_postgres_timeline', 'The timeline that this server is on.'),
  metric('gauge', 'hamn_postgres_flushed_lsn_bytes', 'The WAL position that is safe on this node’s disk.'),
  metric(
    'gauge',
    'hamn_postgres_lag_bytes',
    'Behind the LSN of the primary’s last heartbeat; 0 on the primary.',
  ),
  metric('gauge', 'hamn_postgres_streaming', '1 while a standby streams.'),
  metric(
    'gauge',
    'hamn_postgres_upstream',
    '1 with the node that a standby is set to receive from.',
    'upstream',
  ),
  metric('gauge', 'hamn_postgres_copy_bytes', 'Copied so far by the clone or rewind under way.', 'kind'),
  metric('gauge', 'hamn_postgres_copy_total_bytes', 'What the clone or rewind under way will copy.', 'kind'),
  metric(
    'gauge',
    'hamn_postgres_received_lsn_bytes',
    'Standby: the WAL position that its receiver has on disk.',
  ),
  metric(
    'gauge',
    'hamn_postgres_replayed_lsn_bytes',
    'Standby: the WAL position up to which queries see the data.',
  ),
  metric(
    'gauge',
    'hamn_postgres_replayed_age_seconds',
    'Standby: age of the newest replayed transaction. It grows while nothing is written, so it is a lag only where hamn_postgres_lag_bytes is not 0.',
  ),
  metric('gauge', 'hamn_standby_streaming', 'Primary: 1 while the standby streams from it.', 'standby'),
  metric(
    'gauge',
    'hamn_standby_sync_state',
    'Primary: 1 for PostgreSQL’s word on the standby.',
    'standby',
    'state',
  ),
  metric('gauge', 'hamn_standby_lag_bytes', 'Primary: WAL that the standby has not flushed.', 'standby'),
  metric(
    'gauge',
    'hamn_standby_replay_lag_bytes',
    'Primary: WAL that the standby has not replayed.',
    'standby',
  ),
  metric(
    'gauge',
    'hamn_standby_replay_lag_seconds',
    'Primary: how long the newest WAL took to be replayed there. Absent while nothing is written.',
    'standby',
  ),
  metric('gauge', 'hamn_slot_active', '1 while a replication slot is in use.', 'slot', 'kind'),
  metric('gauge', 'hamn_slot_retained_bytes', 'WAL that a replication slot keeps.', 'slot', 'kind'),
  metric('gauge', 'hamn_wal_disk_free_bytes', 'Free space where pg_wal is.'),
  metric('gauge', 'hamn_wal_disk_size_bytes', 'Size of the file system where pg_wal is.'),
  metric('gauge', 'hamn_wal_files_bytes', 'All files in pg_wal.'),
  metric(
    'counter',
    'hamn_wal_generated_bytes_total',
    'WAL written since PostgreSQL’s statistics were reset; version 14 and later.',
  ),
  metric(
    'gauge',
    'hamn_checkpoint_timestamp_seconds',
    'When the last checkpoint or restartpoint was, since 1970.',
  ),
  metric('gauge', 'hamn_checkpoint_age_seconds', 'How long ago that was.'),
  metric(
    'gauge',
    'hamn_checkpoint_wal_bytes',
    'WAL since that checkpoint began: what a recovery would replay.',
  ),
  metric('gauge', 'hamn_postgres_connections', 'Sessions of clients, hamn’s own included.'),
  metric('gauge', 'hamn_postgres_connections_limit', 'max_connections.'),
  metric(
    'gauge',
    'hamn_postgres_connections_reserved',
    'The last ones of the limit, for superusers such as hamn.',
  ),
  metric('gauge', 'hamn_postgres_restart_pending', 'Settings that wait for a restart of PostgreSQL.'),
  metric(
    'gauge',
    'hamn_postgres_restart_pending_setting',
    '1 for each setting that waits for a restart.',
    'setting',
  ),
  metric('gauge', 'hamn_postgres_databases_bytes', 'Size of all databases.'),
  metric(
    'gauge',
    'hamn_postgres_statistics_age_seconds',
    'Age of the figures that are asked every few seconds.',
  ),
  metric('gauge', 'hamn_vip_present', '1 where this node has the VIP.', 'address'),
  metric('gauge', 'hamn_resource_running', '1 while the resource runs on this node.', 'resource', 'kind'),
  metric(
    'gauge',
    'hamn_resource_failed',
    '1 while the resource has failed for good, or cannot be stopped.',
    'resource',
    'kind',
  ),
  metric('gauge', 'hamn_resource_failures', 'Failures of the resource that still count.', 'resource', 'kind'),
  metric(
    'gauge',
    'hamn_sync_level',
    'Primary: 1 while the standby has every change that is known of, of a resource of kind sync.',
    'resource',
    'node',
  ),
  metric(
    'gauge',
    'hamn_sync_backlog_files',
    'Primary: changes that the standby has not got yet; a comparison that is due counts as one.',
    'resource',
    'node',
  ),
  metric(
    'gauge',
    'hamn_sync_backlog_age_seconds',
    'Primary: how long the oldest of them waits.',
    'resource',
    'node',
  ),
  metric(
    'gauge',
    'hamn_sync_drift_files',
    'Primary: what the last comparison found different at the standby, and mended, without a change that was known of.',
    'resource',
    'node',
  ),
  metric(
    'gauge',
    'hamn_sync_compared_timestamp_seconds',
    'Primary: when all files were last compared with the standby.',
    'resource',
    'node',
  ),
  metric(
    'gauge',
    'hamn_service_node_up',
    'Primary: 1 while xCAT’s service node is up, 0 while it is down; absent while that is not known.',
    'service_node',
  ),
  metric(
    'gauge',
    'hamn_service_node_state',
    'Primary: 1 for what is thought of the service node.',
    'service_node',
    'state',
  ),
  metric(
    'gauge',
    'hamn_service_node_nodes',
    'Primary: nodes that xCAT’s tables give to the service node.',
    'service_node',
  ),
  metric(
    'gauge',
    'hamn_service_node_away',
    'Primary: nodes of the service node that hamn moved elsewhere and has not brought back.',
    'service_node',
  ),
  metric(
    'gauge',
    'hamn_service_nodes_blocked',
    'Primary: 1 while nothing is moved because most service nodes seem down, or tables or records cannot be read.',
  ),
  metric('gauge', 'hamn_service_node_moves_open', 'Primary: snmoves whose end nobody has seen yet.'),
  metric(
    'gauge',
    'hamn_takeover_phase_seconds',
    'From the take to the end of each phase, of this node’s last take-over.',
    'phase',
  ),
  metric('counter', 'hamn_events_total', 'Events in the journal.', 'event', 'level'),
  metric('counter', 'hamn_decisions_total', 'How often a rule’s reason was new.', 'rule'),
  metric(
    'counter',
    'hamn_fences_total',
    'Fences that this node ran, by how they ended.',
    'target',
    'outcome',
  ),
  metric(
    'counter',
    'hamn_service_node_moves_total',
    'snmoves that this node ran, by how they ended: moved, left (not all of its nodes), open (nobody knows).',
    'outcome',
  ),
  metric('counter', 'hamn_promises_refused_total', 'Promises that this node refused to the holder.'),
];

/** Values of one metric: label values (in the order of the definition) and the number. */
export type Samples = ReadonlyMap<
  string,
  readonly { readonly labels: readonly string[]; readonly value: number }[]
>;
