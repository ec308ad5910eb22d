import { after, type Instant, instant, longAgo, type NodeId, revision } from '../brands.ts';
import type { StateValue } from '../group/values.ts';
import type { GroupView } from '../group/view.ts';
import type { GuardView } from '../observation.ts';
import { unreachable } from '../result.ts';
import type { Timings } from '../timings.ts';
import {
  judgePromise,
  judgeTake,
  type PromiseRequest,
  type PromiseVerdict,
  type TakeVerdict,
} from './candidate.ts';
import type { TermEffect, TermEvent } from './events.ts';
import {
  holderTick,
  onExtended,
  onHeartbeat,
  onPromise,
  onStateWritten,
  release,
  writeState,
} from './holding.ts';
import { isOtherEtcd } from './same-etcd.ts';
import type { Hold, TermOptions, TermPhase, TermState, Work } from './state.ts';
import {
  candidateTick,
  onArmed,
  onDemoted,
  onGroup,
  onSettled,
  onTaken,
  settle,
  start,
  take,
} from './taking.ts';

/**
 * The term protocol of one node for one group, without I/O: `step` takes what happened and returns what to do. The caller's duties:
 * - call `step` for every event, in order, with a `now` taken after the receipt; carry out the effects in order, at once;
 * - call `step({kind: 'tick'})` no later than `wakeAt()`;
 * - ask `mayAct(token, now)` immediately before every act of a holder, with nothing awaited in between.
 */
export class Term {
  readonly #options: TermOptions;
  readonly #state: TermState;

  constructor(options: TermOptions) {
    this.#options = { ...options };
    this.#state = {
      phase: 'reading',
      view: undefined,
      seen: undefined,
      waitUntil: instant(Number.POSITIVE_INFINITY),
      promisedUntil: longAgo,
      claim: revision(0),
      unsettled: undefined,
      hold: undefined,
      ended: undefined,
      nextTryAt: longAgo,
      busy: false,
      nextId: 1,
      clusterId: undefined,
      heard: undefined,
      alarm: undefined,
      lsn: undefined,
    };
  }

  step(event: TermEvent): readonly TermEffect[] {
    const work: Work = { options: this.#options, state: this.#state, out: [] };
    apply(work, event);
    if (event.kind !== 'tick') tick(work, event.now);
    return work.out;
  }

  /** New timings count from the next take on; intervals and request limits at once. */
  setTimings(timings: Timings): void {
    this.#options.timings = timings;
  }

  /** The LSN (PostgreSQL's form) that the next heartbeats carry. */
  reportLsn(text: string | undefined): void {
    this.#state.lsn = text;
  }

  /** Answers a holder's request; a yes binds from `now`, which is taken after the receipt. */
  promise(ask: PromiseRequest, now: Instant): PromiseVerdict {
    const verdict = judgePromise(this.#options, this.#state, ask);
    if (verdict.yes) {
      const until = after(now, ask.termMs);
      if (until > this.#state.promisedUntil) this.#state.promisedUntil = until;
    }
    return verdict;
  }

  /** True while an act under this token is allowed at this instant. */
  mayAct(token: number, now: Instant): boolean {
    const { phase, hold } = this.#state;
    return phase === 'holding' && hold !== undefined && Number(hold.token) === token && now < hold.deadline;
  }

  judgeTake(guard: GuardView | undefined, now: Instant): TakeVerdict {
    return judgeTake(this.#options, this.#state, guard, now);
  }

  /** When `step` must be called again at the latest. */
  wakeAt(): Instant {
    const { phase, hold, nextTryAt, busy } = this.#state;
    if (phase === 'holding' && hold !== undefined) {
      const beat =
        hold.heartbeatInFlight !== undefined
          ? hold.nextRoundAt
          : Math.min(hold.nextHeartbeatAt, hold.nextRoundAt);
      return instant(Math.min(beat, hold.deadline));
    }
    if (busy || phase === 'candidate' || phase === 'ending' || phase === 'arming' || phase === 'releasing')
      return instant(Number.POSITIVE_INFINITY);
    return nextTryAt;
  }

  view(now: Instant): TermView {
    const { phase, hold, waitUntil, promisedUntil, ended, alarm, seen, view } = this.#state;
    return {
      phase,
      group: view,
      alarm,
      ended,
      seen:
        seen === undefined
          ? undefined
          : { leader: seen.leader, heartbeat: seen.heartbeat, silentMs: now - seen.at },
      waitUntil,
      promisedUntil,
      hold: hold === undefined || phase !== 'holding' ? undefined : viewHold(hold, now),
    };
  }
}

function viewHold(hold: Hold, now: Instant): HoldView {
  const peers = [...hold.peers].map(([node, peer]) => ({
    node,
    missedRounds: peer.missedRounds,
    silentMs: now - peer.lastYes,
    promising: peer.hasPromised && peer.missedRounds === 0,
  }));
  return {
    token: Number(hold.token),
    termMs: hold.termMs,
    deadline: hold.deadline,
    since: hold.since,
    state: hold.pendingState === undefined ? hold.state : undefined,
    peers,
    byEtcdMs: hold.lastByEtcd === undefined ? undefined : now - hold.lastByEtcd,
    byPromisesMs: hold.lastByPromises === undefined ? undefined : now - hold.lastByPromises,
  };
}

function apply(work: Work, event: TermEvent): void {
  const { state } = work;
  switch (event.kind) {
    case 'start':
      return start(work, event.now, event.resume);
    case 'tick':
      return tick(work, event.now);
    case 'group':
      return onGroup(work, event.now, event.view, event.linearizable);
    case 'read-failed':
      if (state.phase === 'reading') state.busy = false;
      return;
    case 'outcome':
      return onOutcome(work, event);
    case 'promise':
      return onPromise(work, event);
    case 'armed':
      return onArmed(work, event);
    case 'extended':
      return onExtended(work, event);
    case 'demoted':
      return onDemoted(work, event.now, event.verified);
    case 'take':
      return take(work, event);
    case 'release':
      return release(work, event.now, event.to);
    case 'write-state':
      return writeState(work, event.now, event.next);
    case 'invite':
      if (state.hold !== undefined) state.hold.invited = event.nodes;
      return;
    default:
      return unreachable(event);
  }
}

function onOutcome(work: Work, event: Extract<TermEvent, { kind: 'outcome' }>): void {
  const { state } = work;
  if (
    event.outcome.kind !== 'unknown' &&
    isOtherEtcd(work, event.now, { ...event.outcome, askedAt: event.sentAt })
  )
    return;
  switch (event.purpose) {
    case 'heartbeat':
      return onHeartbeat(work, event);
    case 'settle':
      return onSettled(work, event);
    case 'take':
      return onTaken(work, event.now, event.outcome);
    case 'state':
      return onStateWritten(work, event);
    case 'release':
      if (state.phase !== 'releasing') return;
      state.phase = 'settling';
      state.busy = false;
      return settle(work, event.now);
    default:
      return unreachable(event.purpose);
  }
}

function tick(work: Work, now: Instant): void {
  const { state } = work;
  if (state.phase === 'holding' && state.hold !== undefined) {
    holderTick(work, state.hold, now);
    // After a resume, or after an unsettled change, `state` is read until it is known.
    const { hold } = state;
    const unsettled =
      hold !== undefined &&
      (hold.stateRevision === undefined ||
        (hold.pendingState !== undefined && hold.stateInFlight === undefined));
    if (unsettled && now >= state.nextTryAt) {
      state.nextTryAt = after(now, work.options.timings.intervalMs);
      work.out.push({ kind: 'read' });
    }
    return;
  }
  candidateTick(work, now);
}

export interface PeerView {
  readonly node: NodeId;
  readonly missedRounds: number;
  readonly silentMs: number;
  readonly promising: boolean;
}

/** What the rules see of a held term. `state` is undefined while a change of it is not definite. */
export interface HoldView {
  readonly token: number;
  readonly termMs: number;
  readonly deadline: Instant;
  readonly since: Instant;
  readonly state: StateValue | undefined;
  readonly peers: readonly PeerView[];
  readonly byEtcdMs: number | undefined;
  readonly byPromisesMs: number | undefined;
}

export interface TermView {
  readonly phase: TermPhase;
  readonly group: GroupView | undefined;
  readonly alarm: string | undefined;
  /** Why the last term of this node ended. */
  readonly ended: string | undefined;
  readonly seen:
    | { readonly leader: number; readonly heartbeat: number; readonly silentMs: number }
    | undefined;
  readonly waitUntil: Instant;
  readonly promisedUntil: Instant;
  readonly hold: HoldView | undefined;
}
