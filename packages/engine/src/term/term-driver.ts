import {
  type GroupSettings,
  type GroupView,
  type GuardAct,
  type GuardPlan,
  type GuardRecord,
  type GuardView,
  type NodeId,
  ok,
  type RawGroup,
  readGroup,
  type TakeVerdict,
  Term,
  type TermEffect,
  type TermEvent,
  type TermView,
} from '@hamn/core';
import { withLimit } from '../limit.ts';
import type { Ports } from '../ports/all.ts';
import type { Cancel } from '../ports/clock.ts';
import type { PromiseAnswer, PromiseAsk } from '../ports/peers.ts';
import { changeMark } from './change-mark.ts';
import { Demotion } from './demotion.ts';

export interface TermDriverOptions {
  readonly me: NodeId;
  readonly settings: GroupSettings;
  readonly plan: () => GuardPlan;
  /** Something that the rules look at has changed. */
  readonly onChange: () => void;
  /** Each view of the group as it comes, heartbeats included. */
  readonly onGroup: (view: GroupView) => void;
  /** Why this machine must not promise in its node's name. */
  readonly whyNotItself: (view: GroupView | undefined) => string | undefined;
  /** The guard has acted as it was told to, and it stands in the journal. */
  readonly onGuardAct: (act: GuardAct) => void;
}

/**
 * Carries the term protocol's effects out, at once and in order, and brings the answers back with a `now` taken after receipt.
 * It waits for nothing: each answer is an event.
 */
export class TermDriver {
  readonly #options: TermDriverOptions;
  readonly #ports: Ports;
  readonly #term: Term;
  readonly #demotion: Demotion;
  /** Of the term whose node is being made harmless for its release. */
  #givenAway: number | undefined;
  #settings: GroupSettings;
  #timer: Cancel | undefined;
  #digest = '';
  #refused = '';
  #stopped = false;

  constructor(options: TermDriverOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
    this.#settings = options.settings;
    this.#demotion = new Demotion({ plan: options.plan, onGuardAct: options.onGuardAct }, ports);
    const witness = options.settings.nodes.find((node) => node.name === options.me)?.role !== 'data';
    this.#term = new Term({ me: options.me, timings: options.settings.timings, witness });
  }

  get me(): NodeId {
    return this.#options.me;
  }

  start(resume: GuardRecord | undefined): void {
    this.#ports.store.watch((raw) => this.#received(raw, false));
    this.feed({ kind: 'start', now: this.#now(), resume });
  }

  /** No further effect is carried out; what is under way ends by itself. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  setSettings(settings: GroupSettings): void {
    this.#settings = settings;
    this.#term.setTimings(settings.timings);
  }

  reportLsn(lsn: string | undefined): void {
    this.#term.reportLsn(lsn);
  }

  view(): TermView {
    return this.#term.view(this.#now());
  }

  judgeTake(guard: GuardView | undefined): TakeVerdict {
    return this.#term.judgeTake(guard, this.#now());
  }

  /** Ask immediately before an act; nothing may be awaited in between. */
  mayAct(token: number): boolean {
    return !this.#stopped && this.#term.mayAct(token, this.#now());
  }

  promise(from: NodeId, ask: PromiseAsk): PromiseAnswer {
    const not = this.#options.whyNotItself(this.view().group);
    const verdict =
      not === undefined
        ? this.#term.promise(
            { from, token: ask.token, termMs: ask.termMs, invitation: ask.invitation },
            this.#now(),
          )
        : ({ yes: false, reason: not } as const);
    this.#noteRefusal(verdict.yes ? '' : verdict.reason, from);
    return verdict.yes
      ? { yes: true, round: ask.round }
      : { yes: false, round: ask.round, reason: verdict.reason };
  }

  /** A holder asks several times a second: a refusal is told when its reason is new. */
  #noteRefusal(reason: string, from: NodeId): void {
    if (reason === this.#refused) return;
    this.#refused = reason;
    if (reason === '') return;
    const message = `A promise to ${from} was refused: ${reason}`;
    this.#ports.journal.write({ event: 'promise.refused', level: 'info', message });
  }

  feed(event: TermEvent): void {
    if (this.#stopped) return;
    for (const effect of this.#term.step(event)) this.#carryOut(effect);
    this.#arm();
    const digest = this.#digestNow();
    if (digest === this.#digest) return;
    this.#digest = digest;
    this.#options.onChange();
  }

  #now(): ReturnType<Ports['clock']['now']> {
    return this.#ports.clock.now();
  }

  /** The parts of the view whose change the rules must see at once; a heartbeat is not among them. */
  #digestNow(): string {
    const { phase, hold, group, alarm } = this.#term.view(this.#now());
    const missing = hold?.peers.filter((peer) => peer.missedRounds >= 2).map((peer) => peer.node) ?? [];
    const promising = hold?.peers.filter((peer) => peer.promising).map((peer) => peer.node) ?? [];
    return [
      phase,
      hold?.token,
      hold?.state === undefined,
      missing,
      promising,
      alarm,
      group === undefined ? '' : changeMark(group),
    ].join(' ');
  }

  #arm(): void {
    this.#timer?.();
    this.#timer = undefined;
    const at = this.#term.wakeAt();
    if (at === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#ports.clock.after(Math.max(0, at - this.#now()), () =>
      this.feed({ kind: 'tick', now: this.#now() }),
    );
  }

  #received(raw: RawGroup, linearizable: boolean): void {
    const now = this.#now();
    const view = readGroup(raw);
    this.#options.onGroup(view);
    this.feed({ kind: 'group', now, view, linearizable });
  }

  #carryOut(effect: TermEffect): void {
    switch (effect.kind) {
      case 'read':
        return void this.#read();
      case 'transact':
        return void this.#transact(effect);
      case 'ask':
        return void this.#ask(effect);
      case 'arm':
        return void this.#armGuard(effect);
      case 'extend':
        return void this.#extend(effect);
      case 'renew-vips':
        return void this.#renewVips();
      case 'demote':
        return void this.#demote(effect.reason);
      case 'note':
        return this.#ports.journal.write({
          event: effect.event,
          level: effect.level,
          message: effect.message,
        });
    }
  }

  async #read(): Promise<void> {
    const limit = 2 * this.#settings.timings.requestMs;
    const read = await withLimit(this.#ports.clock, limit + 50, 'etcd', () => this.#ports.store.read(limit));
    if (read.ok) this.#received(read.value, true);
    else this.feed({ kind: 'read-failed', now: this.#now() });
  }

  async #transact(effect: Extract<TermEffect, { kind: 'transact' }>): Promise<void> {
    const limit = this.#settings.timings.requestMs;
    const answer = await withLimit(this.#ports.clock, limit + 50, 'etcd', async () =>
      ok(await this.#ports.store.transact(effect.txn, limit)),
    );
    const outcome = answer.ok ? answer.value : ({ kind: 'unknown', reason: answer.error.message } as const);
    const { purpose, id, sentAt } = effect;
    const view =
      purpose === 'settle' && outcome.kind === 'committed'
        ? readGroup({ revision: outcome.revision, clusterId: outcome.clusterId, entries: outcome.entries })
        : undefined;
    this.feed({ kind: 'outcome', now: this.#now(), purpose, id, sentAt, outcome, view });
  }

  async #ask(effect: Extract<TermEffect, { kind: 'ask' }>): Promise<void> {
    const { to, token, round, termMs, invitation } = effect;
    const limit = this.#settings.timings.requestMs;
    const ask: PromiseAsk = { group: this.#settings.group, token, round, termMs, invitation };
    const answer = await withLimit(this.#ports.clock, limit + 50, to, () =>
      this.#ports.peers.ask(to, ask, limit),
    );
    const yes = answer.ok && answer.value.yes && answer.value.round === round;
    this.feed({ kind: 'promise', now: this.#now(), from: to, round, yes });
  }

  async #armGuard(effect: Extract<TermEffect, { kind: 'arm' }>): Promise<void> {
    const { token, nonce, deadline, termMs } = effect;
    const limit = this.#settings.timings.requestMs;
    const order = { token, nonce, deadline, termMs, plan: this.#options.plan() };
    const armed = await withLimit(this.#ports.clock, limit + 50, 'hamn-guard', () =>
      this.#ports.guard.arm(order, limit),
    );
    this.feed({
      kind: 'armed',
      now: this.#now(),
      token,
      ok: armed.ok,
      reason: armed.ok ? '' : armed.error.message,
    });
  }

  async #extend(effect: Extract<TermEffect, { kind: 'extend' }>): Promise<void> {
    const { token, deadline, by } = effect;
    if (token === this.#givenAway) return;
    const limit = this.#settings.timings.requestMs;
    const extended = await withLimit(this.#ports.clock, limit + 50, 'hamn-guard', () =>
      this.#ports.guard.extend(token, deadline, limit),
    );
    // The guard refuses what was on its way when it was asked to end the term: that is no reason to end it otherwise than by the release.
    if (token === this.#givenAway) return;
    const raw = extended.ok ? '' : extended.error.code;
    const code = raw === 'timeout' || raw === 'threw' ? 'silent' : raw;
    this.#demotion.isGuardSilent = code === 'silent';
    this.feed({ kind: 'extended', now: this.#now(), token, deadline, ok: extended.ok, code, by });
  }

  async #renewVips(): Promise<void> {
    const { vips, timings } = this.#settings;
    if (vips.length === 0 || this.#stopped) return;
    const token = this.#term.view(this.#now()).hold?.token;
    if (token === undefined) return;
    const lifetime = vipLifetimeSeconds(this.#settings);
    await withLimit(this.#ports.clock, timings.requestMs, 'the kernel', () =>
      this.#ports.vip.renew(vips, lifetime, timings.requestMs, () => this.mayAct(token)),
    );
  }

  async #demote(reason: string): Promise<void> {
    const act = await this.demote(reason);
    this.feed({ kind: 'demoted', now: this.#now(), verified: act.verified });
  }

  /** See `Demotion`. */
  demote(reason: string): Promise<GuardAct> {
    return this.#demotion.demote(reason);
  }

  /** Before a release. From here on the term is not extended any more, but where the guard could not verify it. */
  async demoteByGuard(reason: string): Promise<boolean> {
    this.#givenAway = this.view().hold?.token;
    const isHarmless = await this.#demotion.demoteByGuard(reason);
    if (!isHarmless) this.#givenAway = undefined;
    return isHarmless;
  }
}

/** The kernel drops a VIP by itself this long after its last renewal, should every process hang. */
export const vipLifetimeSeconds = (settings: GroupSettings): number =>
  Math.max(1, Math.ceil((settings.timings.termMs - settings.timings.marginMs) / 1000));
