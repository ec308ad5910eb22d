import type { FencingToken, Instant, NodeId } from '../brands.ts';
import { later } from '../brands.ts';
import type { FencingValue } from '../group/fencing-value.ts';
import type { LeaderValue } from '../group/values.ts';
import { type GroupView, presentValue } from '../group/view.ts';
import type { GuardView } from '../observation.ts';
import type { TermOptions, TermState } from './state.ts';

/**
 * `released`: to this node. `mine`: this node's own, which the guard knows to be harmless. `fenced`: its holder was confirmed to be off.
 * `timed`: no sign for T.
 */
export type TakeReason = 'released' | 'mine' | 'fenced' | 'timed';

/** By which rule of the protocol a candidate may take the term now. Eligibility (data, synchronous set) is judged elsewhere. */
export type TakeVerdict =
  | { readonly may: true; readonly why: TakeReason; readonly because: string }
  | { readonly may: false; readonly because: string; readonly until: Instant | undefined };

const no = (because: string, until?: Instant): TakeVerdict => ({ may: false, because, until });

function whyNoCandidate(phase: TermState['phase']): string {
  if (phase === 'reading') return 'It waits for etcd to answer a read; until then it begins nothing.';
  if (phase === 'settling') return 'It waits for etcd to answer what became of its last try.';
  return `This node is not a candidate now (${phase}).`;
}

/**
 * The confirmed fence of exactly this holding of the term. Its beginning compared the leader key, so the holder was switched off after it
 * took this term; a holder that was off has lost the term, whatever it comes back as.
 */
export function fenceOf(
  view: GroupView,
  leader: Extract<LeaderValue, { kind: 'held' }>,
  token: number,
): FencingValue | undefined {
  const entry = view.fencing.get(leader.holder);
  const fence = entry === undefined ? undefined : presentValue(entry);
  const isConfirmed =
    fence?.stage === 'confirmed' &&
    fence.target === leader.holder &&
    fence.token === token &&
    fence.leaderNonce === leader.nonce;
  return isConfirmed ? fence : undefined;
}

/** `guard` is the guard's own word; undefined when it does not answer. */
export function judgeTake(
  options: TermOptions,
  state: TermState,
  guard: GuardView | undefined,
  now: Instant,
): TakeVerdict {
  if (options.witness) return no('This node is a witness; a witness never becomes primary.');
  if (state.alarm !== undefined) return no(state.alarm);
  if (state.phase !== 'candidate') return no(whyNoCandidate(state.phase));
  const leader = state.view === undefined ? undefined : presentValue(state.view.leader);
  if (state.view === undefined || state.seen === undefined) return no('The group has not been read yet.');
  if (leader === undefined) {
    return no(
      'The leader key is absent or unreadable; it is never acquired automatically (see hamnctl doctor).',
    );
  }
  if (guard?.state !== 'harmless') return no('The guard has not confirmed that this node is harmless.');
  const own = guard.record;
  if (leader.kind === 'released') {
    if (leader.to === options.me)
      return { may: true, why: 'released', because: `${leader.by} released the term to this node.` };
    if (leader.by === options.me && own?.nonce === leader.nonce) {
      return {
        may: true,
        why: 'mine',
        because: `This node released the term to ${leader.to}, which has not taken it.`,
      };
    }
  } else if (
    leader.holder === options.me &&
    own?.nonce === leader.nonce &&
    Number(own.token) === Number(state.seen.leader)
  ) {
    return {
      may: true,
      why: 'mine',
      because: 'The last term was this node’s own and the guard says that it is harmless.',
    };
  }
  const fence = leader.kind === 'held' ? fenceOf(state.view, leader, state.seen.leader) : undefined;
  if (fence !== undefined)
    return { may: true, why: 'fenced', because: `${fence.target} is off: ${fence.message}` };
  const until = later(state.waitUntil, state.promisedUntil);
  if (now < until) {
    const who =
      leader.kind === 'held' ? `${leader.holder} holds the term` : `the term is released to ${leader.to}`;
    return no(`${who}; this node waits until it has heard nothing new for ${leader.termMs} ms.`, until);
  }
  const silent =
    leader.kind === 'held'
      ? `${leader.holder} has given no sign`
      : `${leader.to} has not taken the released term`;
  return { may: true, why: 'timed', because: `${silent} for ${leader.termMs} ms.` };
}

/** A holder's request for a promise. `yes` binds this node until `now` (taken after receipt) + T. */
export interface PromiseRequest {
  readonly from: NodeId;
  readonly token: FencingToken;
  readonly termMs: number;
  readonly invitation: boolean;
}

export type PromiseVerdict = { readonly yes: true } | { readonly yes: false; readonly reason: string };

export function judgePromise(options: TermOptions, state: TermState, ask: PromiseRequest): PromiseVerdict {
  const refuse = (reason: string): PromiseVerdict => ({ yes: false, reason });
  if (options.witness) return refuse('A witness makes no promises; it never takes the term.');
  if (state.alarm !== undefined) return refuse(state.alarm);
  if (state.phase !== 'candidate') return refuse(`This node is not a candidate now (${state.phase}).`);
  if (state.unsettled !== undefined) return refuse('A take-over of this node is not settled.');
  const leader = state.view === undefined ? undefined : presentValue(state.view.leader);
  if (leader === undefined || state.seen === undefined)
    return refuse('This node has not read the leader key.');
  if (leader.kind !== 'held' || leader.holder !== ask.from)
    return refuse(`${ask.from} does not hold the term that this node knows of.`);
  if (Number(ask.token) !== Number(state.seen.leader))
    return refuse('The asker’s token is not the one that this node knows of.');
  if (ask.termMs > leader.termMs) return refuse('The asked length is above the term’s.');
  const electorate = state.view === undefined ? undefined : presentValue(state.view.state)?.electorate;
  // An invited node is not an elector yet: it may not take anyway, and its promise is what makes adding it safe.
  if (!ask.invitation && electorate?.includes(options.me) !== true)
    return refuse('This node is not in the electorate.');
  return { yes: true };
}
