import type { Lsn, NodeId, TimelineId } from './brands.ts';
import type { RecoveryView, SettingShortfall, SoftwareView, StorageView } from './postgres-trouble.ts';
import type { SlotView } from './slots.ts';
import type { PostgresStatistics } from './statistics.ts';
import type { UnitView } from './unit-view.ts';

export interface PostgresView {
  /** ActiveState of the unit. */
  readonly unit: UnitView['active'];
  readonly server: PostgresServer;
  readonly data: PostgresData;
  /** What hamn's include file now sets; this is what the next start will run with. */
  readonly configured: {
    readonly upstream: NodeId | undefined;
    readonly synchronous: readonly NodeId[];
    /** True: the cluster's settings, or this hamn, would have the file say something else. */
    readonly outdated?: boolean | undefined;
    /** How many of them each commit waits for; absent: all. */
    readonly quorum?: number | undefined;
  };
  /** Present while a clone or rewind is under way. */
  readonly copy?: CopyView | undefined;
  /** What this node had and the others had not, set aside before a rewind or clone took it away; the newest first. */
  readonly diverged?: readonly DivergedView[] | undefined;
  /** What an admin must see to, full sentences: overridden settings, commits that do not wait, files that do not belong there. */
  readonly problems?: readonly string[] | undefined;
  /** Absent: not asked yet, or the last answer is too old. Nothing about the server's health follows from that. */
  readonly statistics?: PostgresStatistics | undefined;
  /** The WAL that a crashed server has to replay before it takes sessions, and how far it is. Absent after a clean stop. */
  readonly recovery?: RecoveryView | undefined;
  /** The file systems that the database writes to. Absent: they have not been looked at yet. */
  readonly storage?: readonly StorageView[] | undefined;
  /** A standby's settings that are lower than the primary's: PostgreSQL would refuse its promotion. */
  readonly tooLow?: readonly SettingShortfall[] | undefined;
  readonly software?: SoftwareView | undefined;
}

/** What a node had written after the others went on without it. */
export interface DivergedView {
  /** Where its WAL from the fork on is kept, with a report. */
  readonly directory: string;
  readonly atWallMs: number;
  /** After this it is removed. */
  readonly untilWallMs: number;
  /** One sentence with the numbers. */
  readonly summary: string;
}

/** A clone or rewind under way, by the words of the program that does it. */
export interface CopyView {
  readonly kind: 'clone' | 'rewind';
  readonly from: NodeId;
  readonly elapsedMs: number;
  readonly bytes: number;
  /** Undefined before the program has said how much there is: it waits for a checkpoint, or looks for what differs. */
  readonly totalBytes: number | undefined;
  /** Of the last seconds; undefined before it can be told. */
  readonly bytesPerSecond: number | undefined;
}

/** Milliseconds until a copy is done if it goes on as now; undefined when nobody can tell. */
export function copyLeftMs(
  copy: Pick<CopyView, 'bytes' | 'totalBytes' | 'bytesPerSecond'>,
): number | undefined {
  const { bytes, totalBytes, bytesPerSecond } = copy;
  if (totalBytes === undefined || bytesPerSecond === undefined || bytesPerSecond <= 0) return undefined;
  return Math.round((Math.max(0, totalBytes - bytes) * 1000) / bytesPerSecond);
}

export type PostgresServer =
  | { readonly kind: 'down' }
  /** It runs, but takes no sessions: starting up, shutting down, recovering. */
  | { readonly kind: 'rejecting'; readonly reason: string; readonly cause?: RejectCause | undefined }
  /** It runs (or its process does) and does not answer within the limit. */
  | { readonly kind: 'hung'; readonly reason: string }
  | {
      readonly kind: 'up';
      readonly inRecovery: boolean;
      readonly systemId: string;
      readonly timeline: TimelineId;
      /** Primary: the flushed LSN. Standby: the later of received-and-flushed and replayed. */
      readonly flushedLsn: Lsn;
      readonly replayedLsn: Lsn | undefined;
      /** Standby: the WAL receiver streams now. */
      readonly streaming: boolean;
      /** Primary: who streams from it. */
      readonly standbys: readonly StandbyView[];
      /** Primary: names that every commit waits for *now*, proven in effect (see PostgresPort.setSynchronous). */
      readonly waitsFor: readonly NodeId[];
      /** How many of `waitsFor` each commit waits for, proven as they are; absent: all. */
      readonly waitsForAny?: number | undefined;
      /** Slots of hamn's own (`hamn_<node>`). */
      readonly slots: readonly SlotView[];
      /** Where the last checkpoint (on a standby: restartpoint) begins: a recovery of this server starts here. */
      readonly redoLsn?: Lsn | undefined;
      /** Standby: received and flushed by the WAL receiver of this run. */
      readonly receivedLsn?: Lsn | undefined;
      /** Standby: how old the newest replayed transaction is; it grows while nothing is written. */
      readonly replayedAgeMs?: number | undefined;
    };

/** `connections`: all of them are in use; the server is well and serves those who are in. */
export type RejectCause = 'starting' | 'stopping' | 'connections' | 'single-user';

export interface StandbyView {
  readonly node: NodeId;
  readonly state: string;
  readonly synchronous: boolean;
  readonly flushedLsn: Lsn | undefined;
  readonly replayedLsn?: Lsn | undefined;
  /** How long the newest WAL took to be replayed there and reported back; PostgreSQL forgets it when nothing is written. */
  readonly replayLagMs?: number | undefined;
  /** PostgreSQL's word: async, potential, sync, quorum. */
  readonly syncState?: string | undefined;
}

export type PostgresData =
  | { readonly kind: 'absent' }
  /** A clone or rewind was begun and did not end: the directory must be cloned again. */
  | { readonly kind: 'incomplete'; readonly by: 'clone' | 'rewind' }
  /** No server can be started on it, and no change of a setting would help. */
  | { readonly kind: 'damaged'; readonly because: string }
  | {
      readonly kind: 'present';
      readonly systemId: string;
      /** pg_control's timeline of the last checkpoint, or the server's own while it runs. */
      readonly timeline: TimelineId;
      /** pg_control's "Database cluster state". */
      readonly state: string;
      /** Of a server that is down: the end of WAL that is known for sure (last checkpoint or minimum recovery point). */
      readonly lsn: Lsn;
      readonly standbySignal: boolean;
    };
