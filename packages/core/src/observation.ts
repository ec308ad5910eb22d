import type { FencingToken, Instant, NodeId, Nonce, Revision } from './brands.ts';
import type { MemberValue } from './group/values.ts';
import type { LocalFacts } from './local-facts.ts';
import type { PostgresView } from './postgres-view.ts';
import type { Reading } from './reading.ts';
import type { ResourceSeen } from './resources/states.ts';
import type { GroupSettings } from './settings.ts';
import type { TakeVerdict } from './term/candidate.ts';
import type { TermView } from './term/term.ts';
import type { UnitView } from './unit-view.ts';
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
  /** File systems that one node alone may have mounted: the node is not harmless while one of them is. */
  readonly mounts: readonly GuardMount[];
}

export interface GuardMount {
  /** `/dev/drbd0` or `UUID=...`: wherever it is mounted on this node, it counts. */
  readonly source: string;
  readonly target: string;
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
  /** What was seen of resources and done to them, by name; without those that were never looked at. */
  readonly resources: ReadonlyMap<string, ResourceSeen>;
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
