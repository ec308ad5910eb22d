import type { Instant } from './brands.ts';

/** What is asked less often, for people and Prometheus; the rules use the disk only. What cannot be told is undefined. */
export interface PostgresStatistics {
  /** When it was asked. */
  readonly at: Instant;
  /** The file system of pg_wal. */
  readonly walDisk: DiskView | undefined;
  readonly walBytes: number | undefined;
  /** WAL written since the last reset of the statistics (version 14 and later); its growth is the rate. */
  readonly walGeneratedBytes: number | undefined;
  readonly databaseBytes: number | undefined;
  readonly connections: ConnectionsView | undefined;
  readonly checkpoint: CheckpointView | undefined;
  /** All replication slots, foreign ones, too. */
  readonly slots: readonly SlotStatistics[];
  /** Names of settings that wait for a restart. */
  readonly restartPending: readonly string[];
  /** max_slot_wal_keep_size; `unlimited` is -1. */
  readonly slotKeepBytes: number | 'unlimited' | undefined;
}

export interface DiskView {
  /** What an unprivileged process may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface ConnectionsView {
  readonly used: number;
  readonly limit: number;
  /** The last ones of the limit: for superusers only, such as hamn's role. */
  readonly reserved: number;
}

export interface CheckpointView {
  /** Seconds since 1970, by the server's clock. */
  readonly atSeconds: number;
  readonly ageSeconds: number;
  /** WAL written (on a standby: replayed) since where it begins. */
  readonly walBytes: number | undefined;
}

export interface SlotStatistics {
  readonly name: string;
  readonly kind: 'physical' | 'logical';
  readonly active: boolean;
  /** From where it keeps WAL to the newest; undefined where it keeps none. */
  readonly retainedBytes: number | undefined;
}
