import { after, type Instant, later, type NodeId, nonce } from '../brands.ts';
import type { StoreTxn } from '../group/store.ts';
import type { StateValue } from '../group/values.ts';
import { modOf, presentValue } from '../group/view.ts';
import type { TermEvent, TxnPurpose } from './events.ts';
import type { Hold, Work } from './state.ts';
import { heartbeatTxn, releaseTxn, stateTxn } from './txn.ts';

/** The duties of a holder: heartbeat, promises, the deadline, `state`, the release, the end. */

/** The id by which its answer is known again. */
export function send(work: Work, purpose: TxnPurpose, sentAt: Instant, txn: StoreTxn): number {
  const id = work.state.nextId++;
  work.out.push({ kind: 'transact', purpose, id, sentAt, txn });
  return id;
}

type OutcomeEvent = Extract<TermEvent, { kind: 'outcome' }>;

export function note(work: Work, level: 'info' | 'warn', event: string, message: string): void {
  work.out.push({ kind: 'note', event, level, message });
}

const holding = (work: Work, hold: Hold) => ({
  holder: work.options.me,
  token: hold.token,
  nonce: hold.nonce,
  termMs: hold.termMs,
});

/** The term ends: the node is made harmless, and a term never resumes. */
export function over(work: Work, reason: string): void {
  const { state } = work;
  if (state.phase === 'ending') return;
  state.phase = 'ending';
  state.hold = undefined;
  state.seen = undefined;
  state.ended = reason;
  state.busy = false;
  note(work, 'warn', 'term.over', `The term is over: ${reason}`);
  work.out.push({ kind: 'demote', reason });
}

/** Electors that must say yes for a round to count. An elector that is being added counts from the moment the change was sent. */
export function neededElectors(work: Work, hold: Hold): readonly NodeId[] | undefined {
  if (hold.state === undefined || !hold.promisesCount) return undefined;
  const all = new Set([...hold.state.electorate, ...(hold.pendingState?.electorate ?? [])]);
  all.delete(work.options.me);
  return [...all];
}

export function holderTick(work: Work, hold: Hold, now: Instant): void {
  if (now >= hold.deadline) return over(work, 'it was not renewed before its deadline.');
  if (now >= hold.nextHeartbeatAt && hold.heartbeatInFlight === undefined) heartbeat(work, hold, now);
  if (now >= hold.nextRoundAt) promiseRound(work, hold, now);
}

function heartbeat(work: Work, hold: Hold, now: Instant): void {
  hold.nextHeartbeatAt = after(now, work.options.timings.intervalMs);
  hold.sequence += 1;
  const value = { holder: work.options.me, nonce: hold.nonce, sequence: hold.sequence, lsn: work.state.lsn };
  hold.heartbeatInFlight = send(work, 'heartbeat', now, heartbeatTxn(holding(work, hold), value));
}

function promiseRound(work: Work, hold: Hold, now: Instant): void {
  const needed = neededElectors(work, hold);
  hold.nextRoundAt = after(now, work.options.timings.intervalMs);
  if (needed === undefined) return;
  countMissed(hold);
  const round = nonce(`${hold.nonce}.${work.state.nextId++}`);
  const invited = hold.invited.filter((node) => !needed.includes(node));
  hold.round = { nonce: round, sentAt: now, asked: [...needed, ...invited], yes: new Set(), complete: false };
  for (const to of hold.round.asked) {
    if (!hold.peers.has(to)) hold.peers.set(to, { lastYes: now, missedRounds: 0, hasPromised: false });
    const invitation = invited.includes(to);
    work.out.push({ kind: 'ask', to, token: hold.token, round, termMs: hold.termMs, invitation });
  }
  if (needed.length === 0) extend(work, hold, now, now, 'promises');
}

function countMissed(hold: Hold): void {
  const last = hold.round;
  if (last === undefined) return;
  for (const node of last.asked) {
    const peer = hold.peers.get(node);
    if (peer !== undefined) peer.missedRounds = last.yes.has(node) ? 0 : peer.missedRounds + 1;
  }
}

export function onPromise(work: Work, event: Extract<TermEvent, { kind: 'promise' }>): void {
  const hold = work.state.hold;
  if (work.state.phase !== 'holding' || hold === undefined) return;
  const peer = hold.peers.get(event.from);
  if (event.yes && peer !== undefined) {
    peer.lastYes = event.now;
    peer.missedRounds = 0;
    peer.hasPromised = true;
  }
  const round = hold.round;
  if (!event.yes || round === undefined || round.nonce !== event.round) return;
  round.yes.add(event.from);
  // The electorate may have grown since the round was asked: what counts is who is needed now.
  const needed = neededElectors(work, hold);
  if (needed === undefined || round.complete || !needed.every((node) => round.yes.has(node))) return;
  round.complete = true;
  extend(work, hold, round.sentAt, event.now, 'promises');
}

/** Asks the guard for a later deadline, counted from the instant of *sending*. A late reply never revives. */
export function extend(work: Work, hold: Hold, sentAt: Instant, now: Instant, by: 'etcd' | 'promises'): void {
  if (now >= hold.deadline) return over(work, 'a renewal was answered only after the deadline.');
  if (by === 'etcd') hold.lastByEtcd = now;
  else hold.lastByPromises = now;
  const deadline = later(hold.deadline, after(sentAt, hold.termMs - hold.marginMs));
  if (deadline > hold.deadline) work.out.push({ kind: 'extend', token: hold.token, deadline, by });
}

export function onExtended(work: Work, event: Extract<TermEvent, { kind: 'extended' }>): void {
  const hold = work.state.hold;
  if (work.state.phase !== 'holding' || hold === undefined || hold.token !== event.token) return;
  if (event.now >= hold.deadline) return over(work, 'the guard’s word came only after the deadline.');
  // A silent guard may be restarting: the deadline stays where it is, and passes if the guard does not come back.
  if (!event.ok && event.code === 'silent') return;
  if (!event.ok) return over(work, `the guard refused to extend it (${event.code}).`);
  hold.deadline = later(hold.deadline, event.deadline);
  work.out.push({ kind: 'renew-vips' });
}

/** The answer to a heartbeat. One of an earlier term of this node, which may come late, says nothing about this one. */
export function onHeartbeat(work: Work, { id, sentAt, now, outcome }: OutcomeEvent): void {
  const hold = work.state.hold;
  if (work.state.phase !== 'holding' || hold === undefined || hold.heartbeatInFlight !== id) return;
  hold.heartbeatInFlight = undefined;
  if (outcome.kind === 'refused') return over(work, 'the leader key in etcd is no longer this node’s.');
  if (outcome.kind === 'committed') return extend(work, hold, sentAt, now, 'etcd');
  // Unknown: the store tries another endpoint next; at once, until the deadline.
  if (now >= hold.deadline) return over(work, 'it was not renewed before its deadline.');
  hold.nextHeartbeatAt = later(now, after(sentAt, work.options.timings.intervalMs / 4));
}

/**
 * A node may take as soon as it reads that it is an elector, and its wait may be over by then. So it is written down only while its yes to the
 * newest round binds it: every deadline that was made without it comes from that round or an earlier one.
 */
function haveJoinersPromised(work: Work, hold: Hold, next: StateValue): boolean {
  const known = hold.state?.electorate ?? [];
  return next.electorate.every(
    (node) => node === work.options.me || known.includes(node) || hold.round?.yes.has(node) === true,
  );
}

/** Only one change of `state` is under way at a time; an unknown one is sent again until the answer is definite. */
export function writeState(work: Work, now: Instant, next: StateValue): void {
  const hold = work.state.hold;
  if (work.state.phase !== 'holding' || hold === undefined || now >= hold.deadline) return;
  if (hold.pendingState !== undefined || hold.stateRevision === undefined || hold.state === undefined) return;
  if (!haveJoinersPromised(work, hold, next)) return;
  hold.pendingState = next;
  hold.stateInFlight = send(work, 'state', now, stateTxn(holding(work, hold), hold.stateRevision, next));
}

/**
 * The answer to a change of `state`. Only the one that is under way becomes definite by it: an answer that outlived its term would
 * otherwise count for a change that etcd has not got.
 */
export function onStateWritten(work: Work, { id, now, outcome }: OutcomeEvent): void {
  const hold = work.state.hold;
  if (work.state.phase !== 'holding' || hold === undefined || hold.pendingState === undefined) return;
  if (hold.stateInFlight !== id) return;
  hold.stateInFlight = undefined;
  if (outcome.kind === 'committed') {
    hold.promisesCount = true;
    hold.state = hold.pendingState;
    hold.stateRevision = outcome.revision;
    hold.pendingState = undefined;
    return;
  }
  // Refused (an earlier try of it may have been committed) or unknown: what stands there must be read first.
  work.state.nextTryAt = now;
}

/**
 * What a linearizable read says of `state` while one of this node's changes is unsettled. What was found is written once more: its commit
 * kills every earlier change that may still be under way, because each compares the revision it was made from.
 */
export function adoptState(work: Work, hold: Hold, now: Instant): void {
  const view = work.state.view;
  const found = view === undefined ? undefined : (presentValue(view.state) ?? hold.pendingState);
  const leader = view === undefined ? undefined : presentValue(view.leader);
  if (view === undefined || found === undefined) return;
  if (leader?.kind !== 'held' || leader.nonce !== hold.nonce) return;
  if (hold.state !== undefined && (hold.pendingState === undefined || hold.stateInFlight !== undefined))
    return;
  if (hold.stateRevision !== undefined && view.revision < hold.stateRevision) return;
  // Until the write is definite both lists of electors are asked.
  const before = hold.state?.electorate ?? [];
  hold.state = {
    ...found,
    electorate: [...new Set([...found.electorate, ...before, ...(hold.pendingState?.electorate ?? [])])],
  };
  hold.stateRevision = modOf(view.state);
  hold.pendingState = found;
  hold.stateInFlight = send(work, 'state', now, stateTxn(holding(work, hold), hold.stateRevision, found));
}

/**
 * Only the holder writes `state`. What a slip of the hand or a half-written value left there is replaced by what this node knows: a candidate
 * that cannot read it is no candidate, and the holder's own changes compare its revision.
 */
export function defendState(work: Work, hold: Hold, now: Instant): void {
  const view = work.state.view;
  if (view === undefined || hold.state === undefined || hold.stateRevision === undefined) return;
  if (hold.pendingState !== undefined || !hold.promisesCount) return;
  const mod = modOf(view.state);
  const foreign =
    view.state.kind === 'absent' ? view.revision > hold.stateRevision : mod > hold.stateRevision;
  if (!foreign) return;
  note(
    work,
    'warn',
    'state.foreign',
    'The key state was changed by somebody else; this holder writes back what it knows.',
  );
  hold.stateRevision = mod;
  writeState(work, now, hold.state);
}

/** The caller has made the node harmless and verified it. Whatever the answer, this node is a candidate afterwards. */
export function release(work: Work, now: Instant, to: NodeId): void {
  const { state } = work;
  const hold = state.hold;
  if (state.phase !== 'holding' || hold === undefined || now >= hold.deadline) return;
  state.phase = 'releasing';
  state.hold = undefined;
  state.seen = undefined;
  state.ended = `it was released to ${to}.`;
  send(work, 'release', now, releaseTxn(holding(work, hold), to));
  note(work, 'info', 'term.release', `This node is harmless and releases the term to ${to}.`);
}
