/** What the watcher writes down: one JSON object a line; instants are CLOCK_MONOTONIC in milliseconds, as in the clients' logs. */
export interface KernelRecord {
  readonly event: 'kernel';
  readonly node: string;
  readonly atMs: number;
  /** The look before this one: the change happened after it. */
  readonly beforeMs: number;
  readonly on: boolean;
  /** The addresses of the VIPs that the node's kernel has. */
  readonly vips: readonly string[];
  /** The guard permits a primary: there is a deadline file. */
  readonly armed: boolean;
}

/** That the watcher looked, until when, and the longest time between two looks since the last beat. */
export interface BeatRecord {
  readonly event: 'beat';
  readonly atMs: number;
  readonly slowestMs: number;
}

export interface EtcdRecord {
  readonly event: 'etcd';
  readonly atMs: number;
  /** The nodes whose member answers a linearizable read. */
  readonly healthy: readonly string[];
}

export type WatchRecord = KernelRecord | BeatRecord | EtcdRecord;

export function parseWatchRecord(line: string): WatchRecord {
  const value: unknown = JSON.parse(line);
  if (isWatchRecord(value)) return value;
  throw new Error(`A line of the watcher's log is none of its records: ${line}`);
}

function isWatchRecord(value: unknown): value is WatchRecord {
  if (typeof value !== 'object' || value === null || !('event' in value) || !('atMs' in value)) return false;
  return value.event === 'kernel' || value.event === 'beat' || value.event === 'etcd';
}
