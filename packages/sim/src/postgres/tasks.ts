import { slotName } from '@hamn/core';
import type { Process } from '../machine/process.ts';
import type { Server } from './server.ts';
import { commonAncestor, contains, showPosition } from './wal.ts';

/** What takes a while: promotion, stop, rewind, clone. Each goes on by itself, whatever becomes of the hamnd that asked for it. */

/** What a checkpoint's or a recovery's last record takes. */
const checkpointBytes = 120;

export function promote(server: Server, ended: (switchLsn: number | undefined) => void): void {
  const { random, note } = server.parts;
  const process = server.process;
  if (process === undefined || server.phase !== 'up' || !server.inRecovery) return ended(undefined);
  note('postgres: promotes');
  if (server.troubles.failPromotions > 0) {
    server.troubles.failPromotions -= 1;
    process.in(random.between(20, 200), () => ended(undefined));
    return;
  }
  server.promoting = true;
  process.in(random.between(30, 200) + server.troubles.slowPromotionMs, () =>
    ended(promoted(server, process)),
  );
}

function promoted(server: Server, process: Process): number | undefined {
  const { disk, branches, note, changed, writable, random } = server.parts;
  if (server.process !== process || !server.inRecovery) return undefined;
  const from = disk.position;
  server.replication.reconnect();
  server.promoting = false;
  server.inRecovery = false;
  server.waitsFor = disk.synchronous;
  server.proven = disk.synchronous;
  disk.position = { branch: branches.fork(from), lsn: from.lsn };
  server.append(checkpointBytes);
  disk.standbySignal = false;
  disk.state = 'in production';
  note(`postgres: promoted at ${showPosition(from)}`);
  // The checkpoint that pg_control shows comes later.
  process.in(random.between(50, 600), () => server.checkpoint());
  changed();
  writable();
  return from.lsn;
}

/** A fast stop: sessions end, the standbys that stream get everything and the shutdown checkpoint. */
export function stopFast(server: Server, giveUpAt: number, ended: (lsn: number | undefined) => void): void {
  const { random, disk, note } = server.parts;
  const process = server.process;
  if (process === undefined) return ended(disk.position.lsn);
  note('postgres: stops');
  const wasPrimary = !server.inRecovery && server.phase === 'up';
  server.phase = 'stopping';
  server.refuseWaiting();
  process.in(random.between(10, 120) + server.troubles.slowStopMs, () => {
    if (server.process !== process) return ended(undefined);
    if (!wasPrimary) {
      server.stopped(server.inRecovery ? 'shut down in recovery' : 'shut down', disk.position.lsn);
      return ended(disk.position.lsn);
    }
    const checkpoint = disk.position.lsn;
    server.append(checkpointBytes);
    awaitStandbys(server, process, checkpoint, giveUpAt, ended);
  });
}

function awaitStandbys(
  server: Server,
  process: Process,
  checkpoint: number,
  giveUpAt: number,
  ended: (lsn: number | undefined) => void,
): void {
  if (server.process !== process) return ended(undefined);
  if (server.replication.caughtUp(checkpoint + checkpointBytes)) {
    server.stopped('shut down', checkpoint);
    // pg_control shows where the shutdown checkpoint begins; the caller is told where it ends.
    return ended(checkpoint + checkpointBytes);
  }
  // The caller is told; the server goes on stopping.
  if (server.parts.now() > giveUpAt) ended(undefined);
  process.in(2, () => awaitStandbys(server, process, checkpoint, giveUpAt, ended));
}

const usable = (server: Server, from: Server | undefined): from is Server =>
  from?.runs === true && from.isWritable && server.parts.network.connects(server.parts.node, from.parts.node);

/** pg_rewind: ends at the common ancestor; the server must then recover to where the upstream was. */
export function rewind(server: Server, tool: Process, upstream: string, ended: (ok: boolean) => void): void {
  const { disk, random, find, note } = server.parts;
  const from = find(upstream);
  if (server.process !== undefined || !usable(server, from)) return ended(false);
  const begun = disk.position;
  from.wal.make(slotName(server.parts.node));
  note(`postgres: is rewound to ${upstream}`);
  disk.data = 'incomplete';
  disk.incompleteBy = 'rewind';
  tool.in(random.between(200, 1500), () => {
    if (failsCopy(server) || !usable(server, from)) {
      if (random.chance(0.5)) disk.data = 'present';
      return ended(false);
    }
    const theirs = from.parts.disk.position;
    disk.data = 'present';
    disk.systemId = from.parts.disk.systemId;
    disk.position = contains(theirs, begun) ? begun : commonAncestor(begun, theirs);
    settle(server, theirs.lsn);
    disk.consistentAt = theirs;
    ended(true);
  });
}

/** A standby whose files are read: this run of its server, which streams the primary's timeline. */
function usableStandby(server: Server, primary: Server, standby: Server): () => boolean {
  const { network, node } = server.parts;
  const { disk } = standby.parts;
  const run = standby.process;
  return () =>
    standby.runs &&
    standby.process === run &&
    standby.phase === 'up' &&
    standby.inRecovery &&
    standby.replication.streaming &&
    disk.systemId === primary.parts.disk.systemId &&
    disk.position.branch.timeline === primary.parts.disk.position.branch.timeline &&
    network.connects(node, standby.parts.node);
}

export interface CloneOrder {
  /** The primary. */
  readonly upstream: string;
  /** A standby of it that is read in its place. */
  readonly standby: string | undefined;
}

/** pg_basebackup beside the old data, then exchanged. */
export function clone(server: Server, tool: Process, order: CloneOrder, ended: (ok: boolean) => void): void {
  const { disk, random, find, note, cloning } = server.parts;
  const primary = find(order.upstream);
  if (server.process !== undefined || !usable(server, primary)) return ended(false);
  primary.wal.make(slotName(server.parts.node));
  const standby = order.standby === undefined ? undefined : find(order.standby);
  if (order.standby !== undefined && standby === undefined) return ended(false);
  const from = standby ?? primary;
  const isUsable =
    standby === undefined ? () => usable(server, primary) : usableStandby(server, primary, standby);
  // The copy must end where the primary keeps WAL for this node, or later.
  const keptFrom = primary.wal.keptFor(server.parts.node) ?? Number.POSITIVE_INFINITY;
  const isBehind = standby !== undefined && standby.parts.disk.position.lsn < keptFrom;
  if (!isUsable() || isBehind) return ended(false);
  from.wal.make(slotName(server.parts.node));
  note(`postgres: is cloned from ${from.parts.node}`);
  cloning(from);
  tool.in(random.between(500, 2500) + server.troubles.slowCopyMs, () => {
    if (failsCopy(server) || !isUsable()) return ended(false);
    disk.data = 'incomplete';
    disk.incompleteBy = 'clone';
    tool.in(random.between(5, 40), () => {
      if (!isUsable()) return ended(false);
      takeFiles(server, from);
      ended(true);
    });
  });
}

/** The files of another server in place of one's own. */
export function takeFiles(server: Server, from: Server): void {
  const { disk } = server.parts;
  const theirs = from.parts.disk;
  disk.data = 'present';
  disk.systemId = theirs.systemId;
  disk.position = theirs.position;
  settle(server, theirs.position.lsn);
  disk.consistentAt = theirs.position;
  disk.slots = new Map();
  disk.redoLsn = theirs.redoLsn;
  disk.walFrom = theirs.redoLsn;
}

function settle(server: Server, lsn: number): void {
  const { disk, note } = server.parts;
  disk.streamedAt = undefined;
  disk.redoLsn = Math.min(disk.redoLsn, disk.position.lsn);
  disk.standbySignal = true;
  disk.state = 'in archive recovery';
  disk.controlTimeline = disk.position.branch.timeline;
  disk.controlLsn = Math.min(lsn, disk.position.lsn);
  note(`postgres: its data is now ${showPosition(disk.position)}`);
}

function failsCopy(server: Server): boolean {
  if (server.troubles.failCopies <= 0) return false;
  server.troubles.failCopies -= 1;
  return true;
}
