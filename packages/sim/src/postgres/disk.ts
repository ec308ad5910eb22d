import { alone, type Claim } from '@hamn/core';
import type { SlotModel } from './retained-wal.ts';
import type { Branch, Position } from './wal.ts';

/** What survives a power-off of one node's database. */
export interface PostgresDisk {
  systemId: string;
  data: 'absent' | 'present' | 'incomplete';
  incompleteBy: 'clone' | 'rewind';
  /** The end of WAL on disk. */
  position: Position;
  /** pg_control: state, timeline and position of the last checkpoint (or the minimum recovery point). */
  state: string;
  controlTimeline: number;
  controlLsn: number;
  standbySignal: boolean;
  /** It takes no sessions before it has recovered to here (after a rewind or a clone). */
  consistentAt: Position | undefined;
  /** hamn's include file. */
  upstream: string | undefined;
  synchronous: Claim;
  /** Replication slots by name. */
  slots: Map<string, SlotModel>;
  /** Where the last checkpoint or restartpoint begins. */
  redoLsn: number;
  /** WAL before this is removed. */
  walFrom: number;
  /** When this data last streamed from another server; undefined for a copy that has not. */
  streamedAt: number | undefined;
  /** The settings ask for something else than the include file says. */
  settingsOutdated: boolean;
}

export const groupSystemId = '7400000000000000001';

export const emptyDisk = (root: Branch): PostgresDisk => ({
  systemId: groupSystemId,
  data: 'absent',
  incompleteBy: 'clone',
  position: { branch: root, lsn: 0 },
  state: 'shut down',
  controlTimeline: 1,
  controlLsn: 0,
  standbySignal: false,
  consistentAt: undefined,
  upstream: undefined,
  synchronous: alone,
  slots: new Map(),
  redoLsn: 0,
  walFrom: 0,
  streamedAt: undefined,
  settingsOutdated: true,
});

/** Makes the branches of one cluster. */
export class BranchMaker {
  #next = 1;

  root(): Branch {
    return { id: this.#next++, timeline: 1, parent: undefined };
  }

  fork(from: Position): Branch {
    return { id: this.#next++, timeline: from.branch.timeline + 1, parent: from };
  }
}
