import {
  done,
  type FencingToken,
  fail,
  type GuardAct,
  type GuardPlan,
  type GuardRecord,
  type GuardView,
  type Instant,
  type Result,
} from '@hamn/core';
import type { ArmOrder, GuardFailure } from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { MachineClock } from '../machine/machine-clock.ts';
import type { Process } from '../machine/process.ts';

/** Rules of the guard that a planted bug breaks. */
export interface GuardBreaks {
  readonly neverActs: boolean;
  readonly takesLateWords: boolean;
  readonly actsLateMs: number;
}

/** `mounted`: nothing runs any more, and an unmount has been asked for. */
export type HarmlessLook = 'verified' | 'mounted' | 'unverified';

export interface GuardParts {
  readonly clock: MachineClock;
  readonly random: Random;
  readonly breaks: GuardBreaks;
  /** Kills the server, removes the VIPs, kills the units, has mounts taken away; then looks. */
  readonly makeHarmless: (by: string, plan: GuardPlan | undefined) => HarmlessLook;
  readonly note: (text: string) => void;
  /** It could not be verified: the machine is reset if it is set so; otherwise the guard goes on trying. */
  readonly reset: () => boolean;
  readonly armed: () => void;
  /** The armed term ends. */
  readonly ended: (reason: string) => void;
  /** It says that the node is harmless. */
  readonly harmless: () => void;
}

const tryAgainMs = 100;
export const lookAgainMs = 10;
/** After this an act that is not verified is reported so. */
const verifyLimitMs = 1000;

/** The guard's rules (design section 4), and its file in /run: it outlives the process, not the boot. */
export class GuardModel {
  readonly #parts: GuardParts;
  #process: Process | undefined;
  #phase: GuardView['state'] = 'harmless';
  #record: GuardRecord | undefined;
  #plan: GuardPlan | undefined;
  #lastAct: GuardAct | undefined;
  #waiters: ((act: GuardAct) => void)[] = [];
  #ticking = false;
  #watchers: (() => void)[] = [];

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  get process(): Process | undefined {
    return this.#process?.alive === true ? this.#process : undefined;
  }

  /** What the gate in front of PostgreSQL's unit reads: the deadline, which the guard takes away when it acts. */
  get permits(): boolean {
    return this.#phase === 'armed' && this.#parts.clock.now() < (this.#record?.deadline ?? 0);
  }

  get view(): GuardView {
    return { state: this.#phase, record: this.#record, lastAct: this.#lastAct };
  }

  /** A watchdog is set before an order is answered. */
  renewed: () => void = () => undefined;

  /** Calls `run` when the guard has acted by itself, or is gone. */
  watch(run: () => void): void {
    this.#watchers.push(run);
  }

  changed(): void {
    for (const run of this.#watchers) run();
  }

  /** The process begins (again): what it finds in /run decides. */
  begin(process: Process): void {
    this.#process = process;
    this.#ticking = false;
    this.#waiters = [];
    if (this.#phase === 'acting' || this.#phase === 'failed') this.#act('it was interrupted in its act.');
    else if (this.#phase === 'armed') this.#tick();
  }

  /** /run is gone with the boot. */
  forget(keepRecord: boolean): void {
    this.#phase = 'harmless';
    this.#plan = undefined;
    this.#lastAct = undefined;
    this.#watchers = [];
    if (!keepRecord) this.#record = undefined;
  }

  forgetWatchers(): void {
    this.#watchers = [];
  }

  arm(order: ArmOrder, now: Instant): Result<undefined, GuardFailure> {
    this.#look();
    const { token, nonce, deadline, termMs, plan } = order;
    if (deadline <= now) return fail('expired', 'The deadline has passed.');
    const again = this.#record?.token === token && this.#record.nonce === nonce;
    if (this.#phase === 'armed' && again) return this.extend(token, deadline, now);
    if (this.#phase !== 'harmless') return fail('not-harmless', `The guard is ${this.#phase}.`);
    if (this.#record !== undefined && token <= this.#record.token)
      return fail('wrong-token', `The guard has already served term ${this.#record.token}.`);
    this.#phase = 'armed';
    this.#record = { token, nonce, deadline, termMs };
    this.#plan = plan;
    this.#parts.note(`guard: armed with token ${token}`);
    this.#tick();
    this.#parts.armed();
    this.renewed();
    return done;
  }

  extend(token: FencingToken, deadline: Instant, now: Instant): Result<undefined, GuardFailure> {
    if (!this.#parts.breaks.takesLateWords) this.#look();
    if (this.#record?.token !== token) return fail('wrong-token', `Term ${token} is not the guard’s.`);
    const late = now >= this.#record.deadline && !this.#parts.breaks.takesLateWords;
    if (this.#phase !== 'armed' || late) return fail('expired', `Term ${token} is over for the guard.`);
    if (deadline > this.#record.deadline) this.#record = { ...this.#record, deadline };
    this.renewed();
    return done;
  }

  plan(plan: GuardPlan): Result<undefined, GuardFailure> {
    this.#plan = plan;
    return done;
  }

  demote(reason: string, answer: (act: Result<GuardAct, GuardFailure>) => void): void {
    if (this.#plan === undefined) return answer(fail('no-plan', 'The guard has no plan yet.'));
    this.#waiters.push((act) => answer({ ok: true, value: act }));
    if (this.#phase !== 'acting' && this.#phase !== 'failed') this.#act(reason);
  }

  /** Whether the deadline has passed; asked before each order, and by the poll. */
  #look(): void {
    const { clock, breaks } = this.#parts;
    if (this.#phase !== 'armed' || this.#record === undefined || breaks.neverActs) return;
    if (clock.now() >= this.#record.deadline + breaks.actsLateMs) this.#act('the deadline has passed.');
  }

  #tick(): void {
    if (this.#ticking || this.#phase !== 'armed' || this.#record === undefined) return;
    this.#ticking = true;
    const { clock, random, breaks } = this.#parts;
    const left = clock.toWorld(this.#record.deadline + breaks.actsLateMs - clock.now());
    this.#process?.in(Math.max(0, left) + random.between(0.1, 15), () => {
      this.#ticking = false;
      this.#look();
      if (!this.#parts.breaks.neverActs) this.#tick();
    });
  }

  #act(reason: string): void {
    const { clock, random, note, ended } = this.#parts;
    if (this.#phase === 'armed') ended(reason);
    this.#phase = 'acting';
    note(`guard: acts, ${reason}`);
    const began = clock.now();
    const takesMs = random.chance(0.2) ? random.between(40, 150) : random.between(2, 40);
    this.#process?.in(takesMs, () => this.#acted(reason, began));
  }

  #acted(reason: string, began: Instant): void {
    const { clock, makeHarmless, note, reset, harmless } = this.#parts;
    const look = makeHarmless('guard', this.#plan);
    const isEarly = this.#phase === 'acting' && clock.now() - began < verifyLimitMs;
    if (look === 'mounted' && isEarly) {
      this.#process?.in(lookAgainMs, () => this.#acted(reason, began));
      return;
    }
    const verified = look === 'verified';
    if (verified) harmless();
    const act: GuardAct = { reason, at: clock.now(), tookMs: clock.now() - began, verified };
    this.#lastAct = act;
    this.#phase = verified ? 'harmless' : 'failed';
    note(`guard: ${verified ? 'the node is harmless' : 'could not verify it'}`);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const answer of waiters) answer(act);
    this.changed();
    if (!verified && !reset()) this.#process?.in(tryAgainMs, () => this.#acted(reason, began));
  }
}
