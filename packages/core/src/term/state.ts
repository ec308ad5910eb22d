import type { FencingToken, Instant, NodeId, Nonce, Revision } from '../brands.ts';
import type { StateValue } from '../group/values.ts';
import type { GroupView } from '../group/view.ts';
import type { Timings } from '../timings.ts';
import type { TermEffect } from './events.ts';

/**
 * - `reading`: no linearizable read yet, or the group is not initialised.
 * - `settling`: the claim is being written; no promise, no take.
 * - `candidate`: may promise, may take.
 * - `taking`: a take is under way or its outcome is unknown.
 * - `arming`: took; the guard has not confirmed yet.
 * - `holding`: holds the term until `deadline`.
 * - `releasing`: harmless; the release is under way.
 * - `ending`: the term is over; the node is being made harmless.
 */
export type TermPhase =
  | 'reading'
  | 'settling'
  | 'candidate'
  | 'taking'
  | 'arming'
  | 'holding'
  | 'releasing'
  | 'ending';

/** What this node holds. */
export interface Hold {
  readonly token: FencingToken;
  readonly nonce: Nonce;
  readonly termMs: number;
  /** m of this term: a change of the configuration does not touch a term that runs. */
  readonly marginMs: number;
  /** Only grows, and only before it has passed. */
  deadline: Instant;
  sequence: number;
  /** `state` as this node knows it to be in etcd; undefined after a resume until it was read and written once. */
  state: StateValue | undefined;
  stateRevision: Revision | undefined;
  /** A change of `state` that is under way or whose outcome is unknown. */
  pendingState: StateValue | undefined;
  /** The id of that change, while its answer has not come. */
  stateInFlight: number | undefined;
  /** False after a resume until one change of `state` was definite: an earlier life may have left one under way that adds an elector. */
  promisesCount: boolean;
  /** Nodes that are asked, but not needed, until they are electors. */
  invited: readonly NodeId[];
  round: PromiseRound | undefined;
  readonly peers: Map<NodeId, PeerRecord>;
  nextHeartbeatAt: Instant;
  nextRoundAt: Instant;
  /** The id of the heartbeat whose answer has not come. */
  heartbeatInFlight: number | undefined;
  lastByEtcd: Instant | undefined;
  lastByPromises: Instant | undefined;
  readonly since: Instant;
}

export interface PromiseRound {
  readonly nonce: Nonce;
  readonly sentAt: Instant;
  readonly asked: readonly NodeId[];
  readonly yes: Set<NodeId>;
  complete: boolean;
}

/** What the holder knows of another node from its promises. */
export interface PeerRecord {
  lastYes: Instant;
  missedRounds: number;
  /** Whether it has said yes at all in this term. */
  hasPromised: boolean;
}

export interface TermOptions {
  readonly me: NodeId;
  timings: Timings;
  readonly witness: boolean;
}

/** What a candidate last received, by which it waits. */
export interface Seen {
  readonly leader: Revision;
  readonly heartbeat: Revision;
  /** The heartbeat as it stood there. */
  readonly text: string | undefined;
  readonly at: Instant;
}

export interface TermState {
  phase: TermPhase;
  view: GroupView | undefined;
  seen: Seen | undefined;
  waitUntil: Instant;
  promisedUntil: Instant;
  claim: Revision;
  unsettled:
    | { readonly nonce: Nonce; readonly sentAt: Instant; readonly state: StateValue; readonly termMs: number }
    | undefined;
  hold: Hold | undefined;
  /** Why the last term ended, for the next view. */
  ended: string | undefined;
  nextTryAt: Instant;
  busy: boolean;
  nextId: number;
  clusterId: string | undefined;
  /** The highest revision that etcd answered with, and when it was received first. */
  heard: { readonly revision: Revision; readonly at: Instant } | undefined;
  /** Set for good when etcd is not the one this node knew: no take, no promise. */
  alarm: string | undefined;
  /** What the heartbeat says of the database's LSN. */
  lsn: string | undefined;
}

/** What the steps work on: the options, the state they change, the effects they ask for. */
export interface Work {
  readonly options: TermOptions;
  readonly state: TermState;
  readonly out: TermEffect[];
}
