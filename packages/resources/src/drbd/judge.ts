import type { CopyState, ResourceLook } from '@hamn/core';
import type { DrbdPeer, DrbdState } from './state.ts';

const lost: ReadonlySet<string> = new Set(['Failed', 'Diskless', 'Detaching']);

/** What DRBD's words mean for the resource. Less than two good halves is a reason, not a failure: the mirror is for that. */
export function judgeDrbd(resource: string, state: DrbdState): ResourceLook {
  const level = state.role === 'Primary' ? 'promoted' : 'running';
  const isFed = state.peers.some(
    ({ connection, disks }) => connection === 'Connected' && disks.includes('UpToDate'),
  );
  const bad = state.disks.find((disk) => lost.has(disk));
  if (bad !== undefined && !isFed)
    return { level: 'failed', sure: false, reason: `Its disk is ${bad}, and no other node has the data.` };
  const reasons = [
    ...(bad === undefined ? [] : [`Its disk is ${bad}: it works with the data of the other node.`]),
    ...(state.hasQuorum ? [] : ['It has no quorum, so DRBD does not write.']),
    ...state.peers.flatMap((peer) => peerReasons(resource, peer)),
    ...ownReasons(state),
  ];
  const reason = reasons.length === 0 ? undefined : reasons.join(' ');
  return { level, sure: false, reason, copy: copyOf(state) };
}

const isLevel = ({ connection }: DrbdPeer): boolean => connection === 'Connected';

/** What a node that has it promoted tells the others, and what a node that has not may do with its data. */
function copyOf({ role, disks, peers }: DrbdState): CopyState | undefined {
  if (role === 'Primary') return peers.every(isLevel) ? undefined : 'ahead';
  if (disks.some((disk) => disk !== 'UpToDate')) return 'stale';
  return peers.length > 0 && !peers.some(isLevel) ? 'parted' : undefined;
}

function ownReasons({ disks, peers }: DrbdState): readonly string[] {
  const isCopying = peers.some(({ sync }) => sync !== undefined);
  const stale = disks.find((disk) => disk === 'Inconsistent' || disk === 'Outdated');
  if (stale === undefined || isCopying) return [];
  return [`Its data are ${stale.toLowerCase()}, so it cannot be promoted.`];
}

function peerReasons(resource: string, peer: DrbdPeer): readonly string[] {
  const { connection, sync, disks } = peer;
  const who = peer.name === '' ? 'the other node' : peer.name;
  if (connection === 'StandAlone') return [splitBrain(resource, who)];
  if (connection !== 'Connected')
    return [`It is not connected to ${who} (${connection}): what is written here is here alone.`];
  if (sync !== undefined) {
    const percent = sync.percent === undefined ? '' : `, ${sync.percent} % are done`;
    return [`It is being synchronised with ${who} (${sync.state}${percent}).`];
  }
  const bad = disks.find((disk) => disk !== 'UpToDate');
  return bad === undefined ? [] : [`The disk of ${who} is ${bad}.`];
}

/**
 * Source: the DRBD User's Guide, "Manual split brain recovery", and a split brain of 8.4.11 that was resolved so. Where a node is StandAlone its
 * `disconnect` ends with "unknown connection", which is no harm.
 */
const splitBrain = (resource: string, who: string): string =>
  `It is StandAlone: it gave up the connection to ${who}. Where dmesg says nothing of Split-Brain, \`drbdadm connect ${resource}\` is all. After a split brain choose the node whose changes are to be lost. There: \`drbdadm disconnect ${resource}\` (unknown connection: go on), \`drbdadm secondary ${resource}\`, \`drbdadm connect --discard-my-data ${resource}\`. On the other one, if it is StandAlone as well: \`drbdadm connect ${resource}\`.`;
