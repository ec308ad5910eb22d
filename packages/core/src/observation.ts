import type { FencingToken, Instant, Lsn, NodeId, Nonce, Revision, TimelineId } from './brands.ts';
import type { MemberValue } from './group/values.ts';
import type { LocalFacts } from './local-facts.ts';
import type { RecoveryView, SettingShortfall, SoftwareView, StorageView } from './postgres-trouble.ts';
import type { Reading } from './reading.ts';
import type { GroupSettings } from './settings.ts';
import type { SlotView } from './slots.ts';
import type { PostgresStatistics } from './statistics.ts';
import type { TakeVerdict } from './term/candidate.ts';
import type { TermView } from './term/term.ts';
import type { WatchdogView } from './watchdog.ts';

/** hamn-guard's own account of itself. */
export interface GuardView {
  /** `harmless`: verified; `armed`: the role may run until the deadline; `acting`: making the node harmless; `failed`: could not verify. */
  readonly state: 'harmless' | 'armed' | 'acting' | 'failed';
  /** What it was armed with last, in this boot; a record of another boot is not shown. */
  readonly record: GuardRecord | undefined;
  readonly lastAct: GuardAct | undefined;
  /** Absent: the guard is of a version that knows none. */
  readonly watchdog?: WatchdogView | undefined;
  /** What it did by itself and has not been told yet, oldest first. Absent: as above. */
  readonly notes?: readonly GuardNote[] | undefined;
}

/** Something that hamn-guard did, in its own words. */
export interface GuardNote {
  /** When; no two notes of a boot have the same instant. */
  readonly at: Instant;
  /** A stable name for the journal: `guard.acted` ... */
  readonly event: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** The `at` of the act that it tells of. */
  readonly actAt: Instant | undefined;
}

export interface GuardRecord {
  readonly token: FencingToken;
  readonly nonce: Nonce;
  readonly deadline: Instant;
  /** T of the armed term. */
  readonly termMs: number;
}

export interface GuardAct {
  /** Why it acted, a sentence. */
  readonly reason: string;
  readonly at: Instant;
  readonly tookMs: number;
  readonly verified: boolean;
}

/** What the guard needs to make this node harmless without asking anybody. */
export interface GuardPlan {
  readonly group: string;
  /** systemd units whose control groups are killed, PostgreSQL's first. */
  readonly units: readonly string[];
  /** `postmaster.pid` in it names a server outside the control group, if there is one. */
  readonly dataDirectory: string | undefined;
  readonly vips: readonly {
    readonly address: string;
    readonly prefixLength: number;
    readonly interface: string;
  }[];
}

export interface VipView {
  readonly address: string;
  readonly interface: string;
  readonly present: boolean;
  /** False when the interface does not exist or is down or has no carrier. */
  readonly linkUp: boolean;
  /** Another host that answers for the address (its MAC), from the last duplicate probe. */
  readonly duplicate: string | undefined;
  /** When the address was last announced, if it was. */
  readonly announcedAt: Instant | undefined;
}

export interface UnitView {
  readonly unit: string;
  /** False when systemd knows no such unit. */
  readonly loaded: boolean;
  /** systemd's ActiveState. */
  readonly active: 'active' | 'reloading' | 'inactive' | 'failed' | 'activating' | 'deactivating';
  readonly sub: string;
  /** Whether it would start at boot. */
  readonly enabled: boolean;
  /** systemd's Result of the last run: success, exit-code, signal, timeout ... */
  readonly result: string;
}

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

/** A long action that was begun and has not ended. */
export interface InFlight {
  readonly key: string;
  readonly since: Instant;
}

/** How an action ended, kept for the rules until the same key is begun again. */
export interface Finished {
  readonly key: string;
  readonly begunAt: Instant;
  readonly at: Instant;
  readonly ok: boolean;
  readonly code: string;
  readonly message: string;
  /** What the action returned: a timeline, an LSN (PostgreSQL's form), a MAC ... */
  readonly data: Readonly<Record<string, string | number>>;
}

/** What of root's crontab concerns hamn: entries that xCAT's monitoring left there. They hold the database's password and run on any node. */
export interface CrontabView {
  readonly xcatEntries: number;
}

/** All that one decision looks at. */
export interface Observation {
  readonly now: Instant;
  /** This machine's wall clock, milliseconds since 1970: only for what an admin gave a time of day, never for the protocol. */
  readonly wallMs: number;
  readonly me: NodeId;
  /** This machine's boot, as its member key names it. */
  readonly bootId: string;
  readonly settings: GroupSettings;
  readonly term: TermView;
  readonly verdict: TakeVerdict;
  readonly ports: PortReadings;
  /** The node that the rules want to hear directly (see `contactOf`), as it answers now. */
  readonly contact: Reading<MemberValue>;
  /** All nodes that the rules want to hear directly (see `contactsOf`). */
  readonly heard: ReadonlyMap<NodeId, Reading<MemberValue>>;
  readonly local: LocalFacts;
  readonly inFlight: ReadonlyMap<string, InFlight>;
  readonly finished: ReadonlyMap<string, Finished>;
}

/** What the ports said, each under its own limit. */
export interface PortReadings {
  readonly guard: Reading<GuardView>;
  readonly postgres: Reading<PostgresView> | undefined;
  readonly vips: Reading<readonly VipView[]>;
  readonly units: Reading<readonly UnitView[]>;
  readonly etcdLeader: Reading<EtcdLeaderView>;
  /** Undefined where nobody looks: on a witness. */
  readonly crontab?: Reading<CrontabView> | undefined;
  /** What the fencing devices said when they were last asked. */
  readonly fenceDevices: Reading<readonly FenceDeviceView[]>;
  /** What each node said of itself when the devices were asked: its boot, and the revision of its word. Absent: they were not asked. */
  readonly heardBeforeFenceDevices?: ReadonlyMap<NodeId, HeardNode> | undefined;
}

/** A node as it was heard of at one instant. */
export interface HeardNode {
  readonly bootId: string;
  readonly mod: Revision;
}

/** One device's word about one node. */
export interface FenceDeviceView {
  readonly device: string;
  readonly node: NodeId;
  readonly power: 'on' | 'off' | 'unknown';
  /** Why it is unknown, a sentence. */
  readonly reason: string | undefined;
}

/** Which etcd member leads, and which could. */
export interface EtcdLeaderView {
  /** Whether the leading member runs on this node. */
  readonly onThisNode: boolean;
  /** Healthy voting members on other nodes, best first (witnesses first). */
  readonly others: readonly { readonly memberId: string; readonly node: string }[];
}
