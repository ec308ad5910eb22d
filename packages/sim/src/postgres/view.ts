import { lsn, nodeId, type PostgresView, quorumOf, timelineId, type UnitView } from '@hamn/core';
import { storageTimeoutMs } from '../run/settings.ts';
import { replayedPerMs, type Server, type ServerPhase } from './server.ts';

const activeStates: Readonly<Record<ServerPhase, UnitView['active']>> = {
  down: 'inactive',
  starting: 'activating',
  up: 'active',
  stopping: 'deactivating',
};

/** systemd's word for the server's unit. */
export const activeOf = (server: Server): UnitView['active'] => activeStates[server.phase];

/** What hamnd finds when it looks at the server and its directory. */
export function viewOf(server: Server): PostgresView {
  const { disk } = server.parts;
  return {
    unit: activeOf(server),
    server: serverOf(server),
    data: dataOf(server),
    configured: {
      upstream: disk.upstream === undefined ? undefined : nodeId(disk.upstream),
      synchronous: disk.synchronous.members,
      quorum: quorumOf(disk.synchronous),
      outdated: disk.settingsOutdated,
    },
    storage: storageOf(server),
    recovery: recoveryOf(server),
  };
}

function storageOf(server: Server): PostgresView['storage'] {
  const freeBytes = server.troubles.full > 0 ? 0 : 50_000_000_000;
  const state = server.storageHungMs > storageTimeoutMs ? 'hung' : 'well';
  return [{ holds: 'both', path: '/data', state, reason: undefined, freeBytes, totalBytes: 100_000_000_000 }];
}

/** What a crash left is on disk whether the server runs or not; it is replayed evenly. */
function recoveryOf(server: Server): PostgresView['recovery'] {
  const { replay, phase } = server;
  if (replay === undefined || phase === 'up') return undefined;
  const done = phase === 'starting' ? (server.parts.now() - replay.since) * replayedPerMs : 0;
  const at = phase === 'starting' ? toLsn(Math.min(done, replay.bytes)) : undefined;
  return { from: toLsn(0), at, end: toLsn(replay.bytes) };
}

function serverOf(server: Server): PostgresView['server'] {
  const { disk } = server.parts;
  if (server.process === undefined) return { kind: 'down' };
  if (server.process.frozen) return { kind: 'hung', reason: 'it does not answer.' };
  if (server.phase !== 'up') {
    const cause = server.phase === 'stopping' ? 'stopping' : 'starting';
    return { kind: 'rejecting', reason: `it is ${server.phase}.`, cause };
  }
  if (server.troubles.noConnections > 0)
    return { kind: 'rejecting', reason: 'sorry, too many clients already.', cause: 'connections' };
  const { branch } = disk.position;
  return {
    kind: 'up',
    inRecovery: server.inRecovery,
    systemId: disk.systemId,
    timeline: timelineId(branch.timeline),
    flushedLsn: toLsn(disk.position.lsn),
    replayedLsn: server.inRecovery ? toLsn(disk.position.lsn) : undefined,
    streaming: server.inRecovery && server.replication.streaming,
    standbys: server.replication.standbys.map(({ node, flushed }) => ({
      node: nodeId(node),
      state: disk.position.lsn - flushed > 2_000_000 ? 'catchup' : 'streaming',
      synchronous: server.waitsFor.members.includes(nodeId(node)),
      flushedLsn: toLsn(flushed),
    })),
    waitsFor: server.proven.members,
    waitsForAny: quorumOf(server.proven),
    slots: [...disk.slots].map(([name, { restart }]) => ({
      name,
      active: server.replication.serves(name),
      restartLsn: restart === undefined ? undefined : toLsn(restart),
      lost: restart === undefined,
    })),
    redoLsn: toLsn(disk.redoLsn),
  };
}

function dataOf(server: Server): PostgresView['data'] {
  const { disk } = server.parts;
  if (disk.data === 'absent') return { kind: 'absent' };
  if (disk.data === 'incomplete') return { kind: 'incomplete', by: disk.incompleteBy };
  const up = server.phase === 'up';
  return {
    kind: 'present',
    systemId: disk.systemId,
    timeline: timelineId(up ? disk.position.branch.timeline : disk.controlTimeline),
    state: disk.state,
    lsn: toLsn(disk.controlLsn),
    standbySignal: disk.standbySignal,
  };
}

export const toLsn = (value: number): ReturnType<typeof lsn> => lsn(BigInt(Math.round(value)));
