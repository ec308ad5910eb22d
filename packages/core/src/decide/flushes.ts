import { after, type Instant, type NodeId } from '../brands.ts';
import { formatLsn } from '../lsn.ts';
import type { Observation } from '../observation.ts';
import { readValue } from '../reading.ts';
import type { Timings } from '../timings.ts';
import type { Memory } from './memory.ts';

/** Longer than any flush on a sound disk. */
const stuckMs = 2000;

/** How long a standby may lack WAL without flushing any: after it, it is stuck, whatever its hamnd says. */
export const stuckAfterMs = ({ intervalMs }: Timings): number => Math.max(stuckMs, 2 * intervalMs);

/** Where each standby that lacks something of the primary's WAL stands, and since when it has not moved. */
export function watchFlushes(seen: Observation, memory: Memory): Partial<Memory> {
  const postgres = seen.ports.postgres === undefined ? undefined : readValue(seen.ports.postgres);
  const server = postgres?.server;
  if (seen.term.hold === undefined || server?.kind !== 'up' || server.inRecovery) return {};
  const flushes: Record<NodeId, { readonly lsn: string; readonly since: Instant }> = {};
  for (const { node, flushedLsn } of server.standbys) {
    if (flushedLsn === undefined || flushedLsn >= server.flushedLsn) continue;
    const lsn = formatLsn(flushedLsn);
    const before = memory.flushes[node];
    flushes[node] = before?.lsn === lsn ? before : { lsn, since: seen.now };
  }
  return { flushes };
}

export function isStuck(memory: Memory, node: NodeId, timings: Timings, now: Instant): boolean {
  const flush = memory.flushes[node];
  return flush !== undefined && now > after(flush.since, stuckAfterMs(timings));
}
