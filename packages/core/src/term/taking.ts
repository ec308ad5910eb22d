import { after, fencingToken, type Instant, longAgo, nonce, revision } from '../brands.ts';
import type { TxnOutcome } from '../group/store.ts';
import { type GroupView, modOf, presentValue, textOf } from '../group/view.ts';
import type { GuardRecord } from '../observation.ts';
import { marginOf } from '../timings.ts';
import { fenceOf } from './candidate.ts';
import type { TermEvent } from './events.ts';
import { adoptState, defendState, note, over, send } from './holding.ts';
import { isOtherEtcd } from './same-etcd.ts';
import type { Hold, Work } from './state.ts';
import { settleTxn, takeTxn } from './txn.ts';

/** The way to a term: read, settle, wait, take, begin. */

export function start(work: Work, now: Instant, resume: GuardRecord | undefined): void {
  const { state } = work;
  state.nextTryAt = now;
  if (resume !== undefined && resume.deadline > now && !work.options.witness) {
    state.phase = 'holding';
    // Its heartbeats go on above those of the process before: no two of one term have the same text.
    state.hold = {
      ...newHold(resume, marginOf(work.options.timings, resume.termMs), now),
      sequence: Math.ceil(now),
    };
    note(
      work,
      'info',
      'term.resume',
      'The guard still holds this node’s term; it is renewed before anything else.',
    );
    return;
  }
  state.phase = 'reading';
}

const newHold = (record: GuardRecord, marginMs: number, now: Instant): Hold => ({
  marginMs,
  token: record.token,
  nonce: record.nonce,
  termMs: record.termMs,
  deadline: record.deadline,
  sequence: 0,
  state: undefined,
  stateRevision: undefined,
  pendingState: undefined,
  stateInFlight: undefined,
  promisesCount: false,
  invited: [],
  round: undefined,
  peers: new Map(),
  nextHeartbeatAt: now,
  nextRoundAt: now,
  heartbeatInFlight: undefined,
  lastByEtcd: undefined,
  lastByPromises: undefined,
  since: now,
});

/** Reading and settling are tried again for ever, an interval apart; the store goes to another endpoint each time. */
export function candidateTick(work: Work, now: Instant): void {
  const { state, options } = work;
  if (state.busy || now < state.nextTryAt) return;
  if (state.phase === 'reading') {
    state.busy = true;
    state.nextTryAt = after(now, options.timings.intervalMs);
    work.out.push({ kind: 'read' });
  } else if (state.phase === 'settling' || (state.phase === 'taking' && state.unsettled !== undefined)) {
    settle(work, now);
  }
}

export function settle(work: Work, now: Instant): void {
  const { state, options } = work;
  state.busy = true;
  state.nextTryAt = after(now, options.timings.intervalMs / 2);
  const id = state.nextId;
  send(work, 'settle', now, settleTxn(options.me, nonce(`${options.me}.${now}.${id}`)));
}

/** A newer view: what a candidate waits by, and the end of a term that is no longer this node's. */
export function onGroup(work: Work, now: Instant, view: GroupView, linearizable: boolean): void {
  const { state } = work;
  if (isOtherEtcd(work, now, { ...view, askedAt: undefined })) return;
  if (state.view === undefined || view.revision >= state.view.revision) state.view = view;
  noticeSigns(work, now);
  if (linearizable) afterRead(work, now);
  const hold = state.hold;
  if (state.phase !== 'holding' || hold === undefined) return;
  const leader = state.view.leader;
  if (leader.kind !== 'absent' && Number(leader.mod) > Number(hold.token)) {
    const value = presentValue(leader);
    const who = value?.kind === 'held' ? value.holder : 'somebody';
    return over(work, `the leader key was written by ${who} after this node took it.`);
  }
  const held = presentValue(leader);
  const fence = held?.kind === 'held' ? fenceOf(state.view, held, hold.token) : undefined;
  // Whoever said that this node is off was wrong; the others may take at once, so it acts as if it were.
  if (fence !== undefined)
    return over(work, `${fence.byHand ?? fence.by} confirmed that this node is off: ${fence.message}`);
  defendState(work, hold, now);
}

/** "seen": the wait starts anew with each new revision of `leader` or `heartbeat`, or another text at it, from the instant after its receipt. */
function noticeSigns(work: Work, now: Instant): void {
  const { state, options } = work;
  if (state.view === undefined) return;
  const leader = modOf(state.view.leader);
  const heartbeat = modOf(state.view.heartbeat);
  const text = textOf(state.view.heartbeat);
  const { seen } = state;
  if (seen?.leader === leader && seen.heartbeat === heartbeat && seen.text === text) return;
  state.seen = { leader, heartbeat, text, at: now };
  const termMs = presentValue(state.view.leader)?.termMs ?? options.timings.termMs;
  state.waitUntil = after(now, termMs);
}

function afterRead(work: Work, now: Instant): void {
  const { state, options } = work;
  if (state.phase === 'reading') {
    state.busy = false;
    const initialised = state.view !== undefined && state.view.leader.kind !== 'absent';
    if (!initialised) return;
    if (options.witness) state.phase = 'candidate';
    else {
      state.phase = 'settling';
      settle(work, now);
    }
  }
  if (state.phase === 'holding' && state.hold !== undefined) adoptState(work, state.hold, now);
}

export function onSettled(work: Work, event: Extract<TermEvent, { kind: 'outcome' }>): void {
  const { state } = work;
  if (state.phase !== 'settling' && state.phase !== 'taking') return;
  state.busy = false;
  if (event.outcome.kind !== 'committed' || event.view === undefined) return;
  state.claim = event.outcome.revision;
  const mine = state.unsettled;
  mergeSettled(work, event.now, event.view);
  const leader = state.view === undefined ? undefined : presentValue(state.view.leader);
  state.unsettled = undefined;
  if (
    mine !== undefined &&
    leader?.kind === 'held' &&
    leader.nonce === mine.nonce &&
    state.view !== undefined
  ) {
    begin(work, modOf(state.view.leader), mine, event.now);
    return;
  }
  state.phase = 'candidate';
}

/** A settle reads three keys; the others stay as they were known. */
function mergeSettled(work: Work, now: Instant, found: GroupView): void {
  const known = work.state.view;
  const view =
    known === undefined
      ? found
      : {
          ...known,
          revision: found.revision,
          leader: found.leader,
          heartbeat: found.heartbeat,
          state: found.state,
          clusterId: found.clusterId,
        };
  if (known === undefined || found.revision >= known.revision) onGroup(work, now, view, false);
}

export function take(work: Work, event: Extract<TermEvent, { kind: 'take' }>): void {
  const { state, options } = work;
  if (state.phase !== 'candidate' || state.unsettled !== undefined) return;
  if (state.seen === undefined || state.view === undefined) return;
  // The rules looked at a view; if a newer sign came since, their reason is gone.
  if (event.basis.leader !== state.seen.leader || event.basis.heartbeat !== state.seen.heartbeat) return;
  const termMs = options.timings.termMs;
  state.phase = 'taking';
  state.busy = true;
  state.unsettled = { nonce: event.nonce, sentAt: event.now, state: event.state, termMs };
  send(
    work,
    'take',
    event.now,
    takeTxn(options.me, event.nonce, termMs, event.basis, state.view, state.claim, event.state),
  );
}

export function onTaken(work: Work, now: Instant, outcome: TxnOutcome): void {
  const { state } = work;
  if (state.phase !== 'taking' || state.unsettled === undefined) return;
  state.busy = false;
  const mine = state.unsettled;
  if (outcome.kind === 'committed') {
    state.unsettled = undefined;
    begin(work, outcome.revision, mine, now);
    return;
  }
  const how =
    outcome.kind === 'refused'
      ? 'was refused: something changed meanwhile'
      : `has an unknown outcome (${outcome.reason})`;
  note(work, 'info', 'term.take-failed', `The take-over ${how}; the claim is settled first.`);
  settle(work, now);
}

/** The take is committed: the guard is armed before anything is promoted. */
function begin(work: Work, token: number, mine: NonNullable<Work['state']['unsettled']>, now: Instant): void {
  const { state, options } = work;
  const marginMs = marginOf(options.timings, mine.termMs);
  const deadline = after(mine.sentAt, mine.termMs - marginMs);
  const record = { token: fencingToken(token), nonce: mine.nonce, termMs: mine.termMs, deadline };
  state.hold = {
    ...newHold(record, marginMs, now),
    state: mine.state,
    stateRevision: revision(token),
    promisesCount: true,
  };
  state.phase = 'arming';
  if (now >= deadline) return over(work, 'it was taken too late to be used.');
  work.out.push({ kind: 'arm', ...record });
}

export function onArmed(work: Work, event: Extract<TermEvent, { kind: 'armed' }>): void {
  const { state } = work;
  const hold = state.hold;
  if (state.phase !== 'arming' || hold === undefined || hold.token !== event.token) return;
  if (!event.ok) return over(work, `the guard could not be armed (${event.reason}).`);
  if (event.now >= hold.deadline) return over(work, 'the guard was armed only after the deadline.');
  state.phase = 'holding';
  state.ended = undefined;
  state.promisedUntil = longAgo;
  note(work, 'info', 'term.begin', `This node holds the term with token ${hold.token}.`);
}

/** The node is harmless again: a candidate that must settle first. One that could not be verified stays where it is. */
export function onDemoted(work: Work, now: Instant, verified: boolean): void {
  const { state } = work;
  if (state.phase !== 'ending') return;
  if (!verified) {
    work.out.push({ kind: 'demote', reason: 'the last try could not be verified.' });
    return;
  }
  state.phase = 'reading';
  state.nextTryAt = now;
  state.busy = false;
}
