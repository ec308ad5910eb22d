import type { Instant, NodeId, Revision } from '../brands.ts';
import type { ResourcesMemory } from '../resources/memory.ts';

/** What the rules remember from one tick to the next. It dies with the process; nothing unsafe may depend on it. */
export interface Memory {
  /** The token under which this node's database became (or was found) writable. */
  readonly promotedToken: number | undefined;
  readonly handover: Handover | undefined;
  /** How this node ended a request whose key may still be there: it is not begun once more. */
  readonly ended?: EndedRequest | undefined;
  /** A restart that was asked for and is under way. */
  readonly restarting?: Restarting | undefined;
  /** The database was stopped on purpose within the term and is to come back under it. */
  readonly stopped?: { readonly at: Instant; readonly why: string } | undefined;
  /** Why this node's hamnd is being stopped for good; it takes no term then. */
  readonly leaving: string | undefined;
  readonly request: SeenRequest | undefined;
  /** Since when a standby that should stream does not. */
  readonly notStreamingSince: Instant | undefined;
  /** Since when the server answers nothing though its process is there. */
  readonly hungSince: Instant | undefined;
  /** Where the replay of a server that recovers stands, and since when. */
  readonly recovery: { readonly at: string; readonly movedAt: Instant } | undefined;
  readonly resources: ResourcesMemory;
  /** The newest wish of an admin about resources that was followed; empty: there was none when this process began. Undefined: etcd was not read yet. */
  readonly resourceWish?: string | undefined;
  /** Until when a resource does not move the role once more, by name: it was given away for it a while ago. */
  readonly staysUntil?: Readonly<Record<string, Instant>> | undefined;
  /** Instants of restarts in place, by unit; `standby` for the starts of a database that is not primary. */
  readonly restarts: Readonly<Record<string, readonly Instant[]>>;
  /** For which settings, too low beside the primary's, this standby was restarted: once is enough. */
  readonly raised?: string | undefined;
  /** Units that were seen active in this term: if they are not now, they crashed. */
  readonly wereActive: readonly string[];
  /** The standby was stopped because it could not stream from a primary that can be reached: its data has diverged, or WAL is missing. */
  readonly suspect: boolean;
  /** Rewinds since it last streamed, and whether one failed: a clone follows. */
  readonly rewinds: number;
  readonly rewindFailed: boolean;
  /** The standby that a clone was read from since this node last streamed: the next one is read from the primary. */
  readonly cloneTried?: NodeId | undefined;
  readonly cascade?: CascadeMemory | undefined;
  /** The LSN that standbys must pass before they are recorded, and for which names it was taken. */
  readonly mark: { readonly names: string; readonly at: Instant; readonly lsn: string } | undefined;
  /** Since when a synchronous standby does not stream, by node. */
  readonly awaySince: Readonly<Record<string, Instant>>;
  /** When each synchronous standby was last found away, the newest last. */
  readonly wentAway: Readonly<Record<string, readonly Instant[]>>;
  /** The sign of the holder after which this standby was to receive nothing more, and what it then had. */
  readonly detached: Detaching | undefined;
  /** The first sign that this process read, and whether another one came since: only then no statement of an earlier life of it counts any more. */
  readonly firstSign: { readonly leader: number; readonly heartbeat: number } | undefined;
  readonly signsMoved: boolean;
  readonly leaderMovedAt: Instant | undefined;
  /** Data nodes that are away, as their slots see it: since when, and why the slot is given up, if it is. */
  readonly slotsAway: Readonly<Record<string, SlotAbsence>>;
  /** Whether etcd has shown this boot's own member key; and who wrote it since, if another machine did. */
  readonly hasSeenItself: boolean;
  readonly twin: { readonly bootId: string; readonly mod: Revision; readonly at: Instant } | undefined;
  /** The newest try on the holder that another node may have under way, and since when it is known. */
  readonly fenceSeen: { readonly mod: Revision; readonly at: Instant } | undefined;
}

/** The standby that this one is set to receive from (`replicatefrom`). */
export interface CascadeMemory {
  readonly node: NodeId;
  /** It is what this node's PostgreSQL is pointed to. */
  readonly follows: boolean;
  readonly isWell: boolean;
  /** Since when both have been so. */
  readonly since: Instant;
  /** How often it was given up for the primary since it last streamed here. */
  readonly vain: number;
}

export interface SlotAbsence {
  readonly since: Instant;
  /** A sentence. */
  readonly givenUp: string | undefined;
}

/** A hand-over that was begun: it ends with a release or goes back to where it was. */
export interface Handover {
  readonly id: string;
  readonly to: NodeId;
  readonly since: Instant;
  readonly reason: string;
  /** When the database was found stopped. */
  readonly stoppedAt: Instant | undefined;
  /** The resource that the role is given away for. */
  readonly resource?: string | undefined;
  /** When the target was caught up: what follows stops something. */
  readonly readyAt?: Instant | undefined;
  /** The fast stop came to its limit. */
  readonly forced?: { readonly at: Instant; readonly why: string } | undefined;
}

export interface EndedRequest {
  readonly id: string;
  readonly message: string;
}

export interface Restarting {
  /** The request's. */
  readonly id: string;
  readonly since: Instant;
  /** Of a standby: it was in the synchronous set, and must be again. */
  readonly wasSynchronous?: boolean | undefined;
  readonly wasDown?: boolean | undefined;
  /** It was finished; only its request may still be seen. */
  readonly over?: boolean | undefined;
}

export interface Detaching {
  readonly leader: number;
  readonly heartbeat: number;
  /** When it was asked of PostgreSQL: an earlier answer was about an earlier sign. */
  readonly since: Instant;
  readonly end: { readonly timeline: number; readonly lsn: string } | undefined;
}

/** A request's end is counted from when this node first saw it: clocks of two machines are never compared. */
export interface SeenRequest {
  readonly id: string;
  readonly seenAt: Instant;
}

/** What was suspected of a standby's data before it streamed. */
export const streamsWell: Partial<Memory> = {
  notStreamingSince: undefined,
  suspect: false,
  rewinds: 0,
  rewindFailed: false,
  cloneTried: undefined,
};

export const emptyMemory: Memory = {
  promotedToken: undefined,
  handover: undefined,
  leaving: undefined,
  request: undefined,
  notStreamingSince: undefined,
  hungSince: undefined,
  recovery: undefined,
  resources: new Map(),
  restarts: {},
  wereActive: [],
  suspect: false,
  rewinds: 0,
  rewindFailed: false,
  mark: undefined,
  awaySince: {},
  wentAway: {},
  detached: undefined,
  firstSign: undefined,
  signsMoved: false,
  leaderMovedAt: undefined,
  slotsAway: {},
  hasSeenItself: false,
  twin: undefined,
  fenceSeen: undefined,
};
