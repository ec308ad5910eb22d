import { type Instant, instant, nodeId, nonce } from '../brands.ts';
import { presentValue, readGroup } from '../group/view.ts';
import type { TermEffect, TermEvent } from '../term/events.ts';
import { Term } from '../term/term.ts';
import { encodeHeartbeat, encodeLeader, encodeState } from '../term/txn.ts';
import { profiles } from '../timings.ts';
import { MiniEtcd } from './mini-etcd.ts';
import { type GuardEffect, MiniGuard } from './mini-guard.ts';

type Transact = Extract<TermEffect, { kind: 'transact' }>;

/** One random step: what happens, after how long, and which of the things under way it happens to. */
export interface WalkStep {
  readonly kind: (typeof walkKinds)[number];
  readonly afterMs: number;
  readonly pick: number;
}

export const walkKinds = [
  'go-on',
  'go-on',
  'go-on',
  'go-on',
  'go-on',
  'go-on',
  'go-on',
  'go-on',
  'tick',
  'read',
  'watch',
  'answer',
  'answer',
  'arrive',
  'lose',
  'yes',
  'yes',
  'no',
  'guard',
  'guard',
  'guard-silent',
  'take',
  'take',
  'release',
  'write-state',
  'demoted',
  'other-takes',
  'other-beats',
  'restart',
] as const;

const me = nodeId('mn1');
const other = nodeId('mn2');
const state = { electorate: [me, other], synchronous: [me], promotions: [] };

/** A node that lives through random steps, in any order, with replies that come late, never, or twice as a zombie. It keeps what is to be proved. */
export class TermWalk {
  readonly broken: string[] = [];
  #now: Instant = instant(0);
  #term: Term = this.#newTerm();
  #etcd = new MiniEtcd();
  #guard = new MiniGuard();
  #sent: Transact[] = [];
  #asks: Extract<TermEffect, { kind: 'ask' }>[] = [];
  #guardAsks: GuardEffect[] = [];
  #isTakeUnsettled = false;
  #newestToken = 0;
  #overTokens = new Set<number>();
  #nonces = 0;
  #terms = new Set<number>();

  constructor() {
    const leader = encodeLeader({ kind: 'released', by: me, to: me, nonce: nonce('init'), termMs: 3000 });
    this.#etcd.put([
      ['leader', leader],
      ['state', encodeState(state)],
    ]);
    this.#feed({ kind: 'start', now: this.#now, resume: undefined });
  }

  /** How many terms were begun. */
  get terms(): number {
    return this.#terms.size;
  }

  step(step: WalkStep): void {
    this.#now = instant(this.#now + step.afterMs);
    const now = this.#now;
    switch (step.kind) {
      case 'go-on':
        return this.step({ ...step, kind: this.#natural(), afterMs: 0, pick: this.#sent.length - 1 });
      case 'tick':
        return this.#feed({ kind: 'tick', now });
      case 'read':
      case 'watch': {
        const view = readGroup(this.#etcd.group());
        return this.#feed({ kind: 'group', now, view, linearizable: step.kind === 'read' });
      }
      case 'answer':
      case 'arrive':
      case 'lose':
        return this.#transaction(step);
      case 'yes':
      case 'no': {
        const ask = this.#asks[step.pick % Math.max(1, this.#asks.length)];
        if (ask === undefined) return;
        return this.#feed({ kind: 'promise', now, from: ask.to, round: ask.round, yes: step.kind === 'yes' });
      }
      case 'guard':
      case 'guard-silent': {
        const ask = this.#guardAsks.shift();
        if (ask === undefined) return;
        const isHeard = step.kind === 'guard';
        const answer = isHeard ? this.#guard.answer(ask, now) : this.#guard.refusal(ask, now, 'silent');
        // This guard says yes even when it is late: the term must keep its word without it.
        return this.#feed(answer.kind === 'extended' && isHeard ? { ...answer, ok: true } : answer);
      }
      default:
        return this.#wish(step);
    }
  }

  /** What would happen next on a good day: without it a walk seldom gets as far as a term. */
  #natural(): WalkStep['kind'] {
    const { phase } = this.#term.view(this.#now);
    if (this.#guardAsks.length > 0) return 'guard';
    if (phase === 'ending') return 'demoted';
    if (phase === 'reading') return 'read';
    if (phase === 'candidate') return 'take';
    return this.#sent.length > 0 ? 'answer' : 'tick';
  }

  #wish(step: WalkStep): void {
    const now = this.#now;
    switch (step.kind) {
      case 'take':
        return this.#take(step.pick === 0);
      case 'release':
        return this.#feed({ kind: 'release', now, to: other });
      case 'write-state':
        return this.#feed({ kind: 'write-state', now, next: state });
      case 'demoted':
        if (this.#term.view(now).phase !== 'ending') return;
        this.#guard.harmless();
        return this.#feed({ kind: 'demoted', now, verified: true });
      case 'restart':
        this.#term = this.#newTerm();
        this.#isTakeUnsettled = false;
        this.#guardAsks = [];
        return this.#feed({ kind: 'start', now, resume: this.#guard.resumable(now) });
      default:
        return this.#otherWrites(step.kind === 'other-takes');
    }
  }

  #newTerm(): Term {
    return new Term({ me, timings: profiles.default, witness: false });
  }

  /** An answered transaction may be sent again by the network: it stays in the list. */
  #transaction(step: WalkStep): void {
    const effect = this.#sent[step.pick % Math.max(1, this.#sent.length)];
    if (effect === undefined) return;
    const outcome =
      step.kind === 'lose' ? ({ kind: 'unknown', reason: 'lost' } as const) : this.#etcd.transact(effect.txn);
    if (step.kind === 'arrive') return;
    const { purpose, id, sentAt } = effect;
    if (outcome.kind === 'committed' && (purpose === 'take' || purpose === 'settle'))
      this.#isTakeUnsettled = false;
    const view = purpose === 'settle' && outcome.kind === 'committed' ? readGroup(outcome) : undefined;
    this.#sent = this.#sent.filter((sent) => sent !== effect);
    this.#feed({ kind: 'outcome', now: this.#now, purpose, id, sentAt, outcome, view });
  }

  /** An eager one asks nobody whether it may. */
  #take(isEager: boolean): void {
    const verdict = this.#term.judgeTake(this.#guard.view(), this.#now);
    const group = this.#term.view(this.#now).group;
    if (!(verdict.may || isEager) || group?.leader.kind !== 'present' || group.state.kind !== 'present')
      return;
    const known = presentValue(group.state) ?? state;
    const heartbeat = group.heartbeat.kind === 'absent' ? 0 : group.heartbeat.mod;
    const basis = {
      leader: group.leader.mod,
      heartbeat: heartbeat as typeof group.leader.mod,
      state: group.state.mod,
    };
    this.#nonces += 1;
    this.#feed({ kind: 'take', now: this.#now, nonce: nonce(`n${this.#nonces}`), basis, state: known });
  }

  #otherWrites(isTake: boolean): void {
    this.#nonces += 1;
    const text = nonce(isTake ? `o${this.#nonces}` : 'o');
    const beat = encodeHeartbeat({ holder: other, nonce: text, sequence: this.#nonces });
    const leader = encodeLeader({ kind: 'held', holder: other, nonce: text, termMs: 3000 });
    this.#etcd.put(
      isTake
        ? [
            ['leader', leader],
            ['heartbeat', beat],
          ]
        : [['heartbeat', beat]],
    );
  }

  #feed(event: TermEvent): void {
    const before = this.#term.view(this.#now).hold;
    for (const effect of this.#term.step(event)) this.#look(effect);
    const { hold } = this.#term.view(this.#now);
    if (before !== undefined && this.#now >= before.deadline) {
      this.#overTokens.add(before.token);
      if (hold?.token === before.token && hold.deadline > before.deadline)
        this.broken.push(`the deadline ${before.deadline} grew to ${hold.deadline} at ${this.#now}`);
    }
    if (hold === undefined) return;
    if (this.#overTokens.has(hold.token) && this.#term.mayAct(hold.token, this.#now))
      this.broken.push(`token ${hold.token} was over and acts again`);
    if (hold.token < this.#newestToken) this.broken.push(`token ${hold.token} after ${this.#newestToken}`);
    this.#newestToken = hold.token;
    this.#terms.add(hold.token);
    if (this.#guard.view().state !== 'armed' && this.#term.mayAct(hold.token, this.#now))
      this.broken.push(`token ${hold.token} acts without a guard`);
  }

  #look(effect: TermEffect): void {
    if (effect.kind === 'ask') this.#asks = [...this.#asks, effect].slice(-4);
    if (effect.kind === 'arm' || effect.kind === 'extend') this.#guardAsks.push(effect);
    if (effect.kind !== 'transact') return;
    this.#sent = [...this.#sent, effect].slice(-6);
    if (effect.purpose !== 'take') return;
    if (this.#isTakeUnsettled) this.broken.push(`a second take at ${this.#now} before the first was settled`);
    this.#isTakeUnsettled = true;
  }
}
