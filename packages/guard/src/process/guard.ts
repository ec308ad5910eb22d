import { writeFileSync } from 'node:fs';
import {
  done,
  fail,
  type GuardAct,
  type GuardPlan,
  type Instant,
  type Result,
  whyLate,
  whyNotArmed,
} from '@hamn/core';
import type { ArmOrder } from '@hamn/engine';
import { bootClock, type NetworkEvent } from '@hamn/linux';
import { tellSystemd, watchOver } from '../act/aftercare.ts';
import { makeHarmless } from '../act/make-harmless.ts';
import { type RoundDeps, vipTexts } from '../act/round.ts';
import * as machine from '../machine/guard-machine.ts';
import { restore } from '../machine/restore.ts';
import { blank, type GuardState, type Refusal, type Step, viewOf } from '../machine/state.ts';
import type { NoteFile } from '../record/note-file.ts';
import type { RecordFile } from '../record/record-file.ts';
import type { Notice, Order } from '../wire/messages.ts';
import type { GuardOptions } from './options.ts';
import { Sweep } from './sweep.ts';
import { Watchdog, type WatchdogDeps } from './watchdog.ts';

/** How long an arming waits for the watchdog, where one is required. */
const watchdogMs = 200;
/** And for a child that was to unmount, and was killed: what it asked of systemd must not meet the new holder's mount. */
const childEndMs = 50;

export interface GuardDeps extends RoundDeps {
  readonly files: RecordFile;
  readonly notes: NoteFile;
  readonly openWatchdog: WatchdogDeps['open'];
  readonly log: (level: 'error' | 'warn' | 'info', message: string) => void;
  readonly notify: (notice: Notice) => void;
  /** The clock must be looked at closely from now on. */
  readonly armed: () => void;
}

export type Reply =
  | { readonly ok: true; readonly view?: ReturnType<typeof viewOf>; readonly act?: GuardAct }
  | Extract<Result<never, Refusal>, { ok: false }>;

/** Owns the state: applies the rules, keeps the record true before anybody is told, and runs the act. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #deps: GuardDeps;
  readonly #watchdog: Watchdog;
  #state: GuardState = blank;
  /** The running act; it ends when the node is verified harmless, however long that takes. */
  #act: Promise<void> | undefined;
  #actReason = '';
  readonly #awaitingAct: ((act: GuardAct) => void)[] = [];
  readonly #sweep: Sweep;
  #unverifiedReports = 0;
  #recordLost = false;

  constructor(options: GuardOptions, deps: GuardDeps) {
    this.#options = options;
    this.#deps = deps;
    const { openWatchdog: open, log, network } = deps;
    this.#sweep = new Sweep(network, (event, level, message) => this.#tell(event, level, message));
    this.#watchdog = new Watchdog(options.watchdog, { open, log, state: () => this.#state });
  }

  /** Reads what an earlier guard left and goes on from there. Before anybody can ask. */
  start(): void {
    const { files } = this.#deps;
    const restored = restore(files.read(), files.readPlan(), bootClock.bootId(), bootClock.now());
    this.#state = restored.state;
    if (restored.state.phase !== 'armed') files.removeGate();
    if (restored.state.phase === 'armed') {
      const token = restored.state.record?.token;
      this.#tell('guard.resumed', 'info', `hamn-guard was started again; term ${token} goes on under it.`);
    }
    this.#save(restored.state);
    const { plan, phase } = restored.state;
    void this.#deps.directories.learn(plan?.dataDirectory);
    if (restored.act !== undefined) this.#beginAct(restored.act);
    // While no guard ran nobody looked: a process that thawed may have renewed an address that its term no longer covers.
    else if (phase === 'harmless' && plan !== undefined) this.#sweep.begin(plan);
    this.#watchdog.look();
  }

  /** Looks at the clock. Returns how long it may be until the next look, in milliseconds; undefined: nothing is due. */
  tick(): number | undefined {
    const now = bootClock.now();
    const step = machine.tick(this.#state, now);
    if (step.act !== undefined) this.#enter(step);
    this.#watchdog.look();
    const deadline = this.#state.record?.deadline;
    return this.#state.phase === 'armed' && deadline !== undefined ? deadline - now : undefined;
  }

  async handle(order: Order): Promise<Reply> {
    // What a sweep has found present must be gone before the new holder may add it.
    if (order.kind === 'arm') {
      await this.#sweep.ended();
      if (this.#state.phase === 'harmless') await this.#deps.unmounter.ended(childEndMs);
    }
    this.tick();
    switch (order.kind) {
      case 'observe':
        return this.#observe(order.told);
      case 'arm':
        return this.#arm(order.order);
      case 'extend':
        return this.#take(machine.extend(this.#state, order.token, order.deadline, bootClock.now()));
      case 'plan':
        return this.#plan(order.plan);
      case 'demote':
        return this.#demote(order.reason);
    }
  }

  /** The process ends in good order. */
  leave(): Promise<void> {
    return this.#watchdog.leave();
  }

  /** A node that is not armed keeps no VIP: what a frozen process renews when it thaws goes at once. */
  onNetwork(event: NetworkEvent): void {
    const plan = this.#state.plan;
    if (this.#state.phase !== 'harmless' || plan === undefined || event.kind === 'link') return;
    const suspicious = event.kind === 'lost' || (!event.gone && vipTexts(plan).has(event.address.ip.text));
    if (suspicious) this.#sweep.begin(plan);
  }

  #observe(told: Instant | undefined): Reply {
    const { notes } = this.#deps;
    if (told !== undefined) notes.told(told);
    const view = { ...viewOf(this.#state), watchdog: this.#watchdog.view, notes: notes.untold };
    return { ok: true, view };
  }

  /** In the system's journal now, and in hamnd's when it asks. */
  #tell(event: string, level: 'error' | 'warn' | 'info', message: string, act?: GuardAct): void {
    this.#deps.log(level, message);
    this.#deps.notes.add(event, level, message, act);
  }

  async #arm(order: ArmOrder): Promise<Reply> {
    const { log } = this.#deps;
    const step = machine.arm(this.#state, order, bootClock.now());
    const forbidden = whyNotArmed(this.#watchdog.view, order.termMs);
    if (step.answer.ok && forbidden !== undefined) return fail('refused', forbidden);
    const isNew = this.#state.phase !== 'armed';
    const reply = this.#take(step);
    if (!reply.ok) return reply;
    const late = whyLate(this.#watchdog.view, order.termMs);
    if (isNew && late !== undefined) log('warn', `${late} It is not counted on.`);
    if (this.#options.watchdog.mode !== 'required') return reply;
    const guarded = await this.#watchdog.armed(order.deadline, watchdogMs);
    if (guarded.ok) return reply;
    // Nothing runs yet: the asker demotes, and so does this guard at the deadline.
    log('error', guarded.error.message);
    return guarded;
  }

  #plan(plan: GuardPlan): Reply {
    const reply = this.#take(machine.changePlan(this.#state, plan));
    if (reply.ok && this.#state.phase === 'harmless') this.#sweep.begin(plan);
    return reply;
  }

  async #demote(reason: string): Promise<Reply> {
    const step = machine.demote(this.#state, reason);
    if (!step.answer.ok) return step.answer;
    const outcome = new Promise<GuardAct>((resolve) => this.#awaitingAct.push(resolve));
    this.#enter(step);
    return { ok: true, act: await outcome };
  }

  /** Makes a granted order true: first the files, then the state, then the answer. */
  #take(step: Step): Reply {
    if (!step.answer.ok) return step.answer;
    const before = this.#state;
    const { state } = step;
    const written = this.#record(state, before);
    // A deadline that only moved on needs no file: a successor that finds the older one acts sooner, which is safe.
    if (!written.ok && (state.phase !== before.phase || state.plan !== before.plan)) return written;
    this.#state = state;
    if (state.plan !== before.plan) void this.#deps.directories.learn(state.plan?.dataDirectory);
    this.#watchdog.look();
    if (state.phase === 'armed' && before.phase !== 'armed') {
      this.#deps.log('info', `Armed for term ${state.record?.token} of group ${state.plan?.group}.`);
      this.#deps.armed();
    }
    return { ok: true };
  }

  #record(state: GuardState, before: GuardState): Result<undefined, Refusal> {
    const { files, log } = this.#deps;
    try {
      if (state.plan !== undefined && state.plan !== before.plan) files.writePlan(state.plan);
      if (state.record !== before.record || state.phase !== before.phase) files.write(state);
      if (state.record !== undefined && state.record !== before.record) files.writeGate(state.record);
      this.#recordLost = false;
      return done;
    } catch (error) {
      const message = `The guard could not record an order in ${this.#options.directory}: ${String(error)}. Make room there.`;
      if (!this.#recordLost) log('error', message);
      this.#recordLost = true;
      return fail('refused', message);
    }
  }

  #enter(step: Step): void {
    this.#state = step.state;
    if (step.act !== undefined) this.#beginAct(step.act);
  }

  #beginAct(reason: string): void {
    this.#actReason = reason;
    // The gate first: nothing that systemd starts from here on may become a primary.
    this.#deps.files.removeGate();
    if (this.#act === undefined) this.#act = this.#runAct();
    this.#save(this.#state);
  }

  async #runAct(): Promise<void> {
    const act = await makeHarmless(
      {
        reason: this.#actReason,
        plan: () => this.#state.plan,
        limitMs: this.#options.verifyLimitMs,
        onUnverified: (unverified) => this.#unverified(unverified),
        giveUp: () => false,
      },
      this.#deps,
    );
    this.#act = undefined;
    this.#unverifiedReports = 0;
    this.#finish(act);
    const message = `This node was made harmless in ${act.tookMs.toFixed(1)} ms. ${act.reason}`;
    this.#tell('guard.acted', 'warn', message, act);
    const plan = this.#state.plan;
    if (plan === undefined) return;
    tellSystemd(plan);
    const isOver = (): boolean => this.#state.phase !== 'harmless' || this.#state.lastAct !== act;
    await watchOver(plan, isOver, this.#deps, (what) =>
      this.#tell(
        'guard.stopped-again',
        'warn',
        `${what} came back after this node was made harmless; it was stopped again.`,
      ),
    );
  }

  /** Told again and again while the node resists; the journals hear it now and then. */
  #unverified(act: GuardAct): void {
    this.#finish(act);
    const isTold = this.#unverifiedReports % 30 === 0;
    this.#unverifiedReports += 1;
    if (isTold) {
      const message = `This node could not be made harmless within ${act.tookMs.toFixed(0)} ms; the guard goes on trying. ${act.reason}`;
      this.#tell('guard.failed', 'error', message, act);
    }
    if (this.#options.onUnverified !== 'reboot') return;
    const failed = this.#reboot();
    if (isTold && failed !== undefined) this.#tell('guard.reboot-failed', 'error', failed);
  }

  #finish(act: GuardAct): void {
    this.#state = machine.acted(this.#state, act);
    this.#watchdog.look();
    this.#save(this.#state);
    for (const resolve of this.#awaitingAct.splice(0)) resolve(act);
    this.#deps.notify({ notice: 'acted', act });
  }

  /** Documentation/admin-guide/sysrq.rst: `b` reboots at once, without sync and without unmounting. Returns why it did not. */
  #reboot(): string | undefined {
    const { sysrqTrigger } = this.#options;
    try {
      writeFileSync(sysrqTrigger, 'b');
      return undefined;
    } catch (error) {
      return `The machine could not be rebooted through ${sysrqTrigger}: ${String(error)}.`;
    }
  }

  #save(state: GuardState): void {
    try {
      this.#deps.files.write(state);
    } catch (error) {
      // What is on file then makes a successor act once more, which is safe.
      this.#deps.log('error', `The guard's record could not be written: ${String(error)}.`);
    }
  }
}
