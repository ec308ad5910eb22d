import {
  after,
  between,
  type LockDeadline,
  type LockTiming,
  lockDeadline,
  newLockGuard,
  stepLockGuard,
} from '@hamn/core';
import type { Cancel, ClockPort, HeldLock, LockPort } from '@hamn/engine';
import { CommandFamily } from './command-family.ts';
import type { Watchdog } from './watchdog.ts';

export interface HoldOptions {
  readonly held: HeldLock;
  readonly timing: LockTiming;
  readonly command: readonly string[];
}

export interface HoldDeps {
  readonly locks: LockPort;
  readonly clock: ClockPort;
  readonly watchdog: Watchdog;
}

/** How it ended. Nothing of the command is left, but after `stuck`. */
export type HoldEnd =
  | { readonly kind: 'ended'; readonly code: number; readonly leftovers: boolean }
  | { readonly kind: 'not-started'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'stuck'; readonly pids: readonly number[] };

/** After a renewal that failed. */
const retryMs = 200;
/** How often hamnctl looks whether the watchdog does its work. */
const lookMs = 100;
/** How long processes may take to go after SIGKILL; what waits for a dead disk or NFS server takes longer. */
const goneMs = 5000;

/** Runs the command under the lock and renews the lock until nothing of the command is left. It does not release the lock. */
export function holdWhile(options: HoldOptions, deps: HoldDeps): Promise<HoldEnd> {
  return new Promise((resolve) => new Hold(options, deps, resolve).begin());
}

class Hold {
  readonly #options: HoldOptions;
  readonly #deps: HoldDeps;
  readonly #resolve: (end: HoldEnd) => void;
  #guard;
  #family: CommandFamily | undefined;
  #over = false;
  #cancelLook: Cancel = () => undefined;
  #cancelRenewal: Cancel = () => undefined;

  constructor(options: HoldOptions, deps: HoldDeps, resolve: (end: HoldEnd) => void) {
    this.#options = options;
    this.#deps = deps;
    this.#resolve = resolve;
    this.#guard = newLockGuard(lockDeadline(options.held.sentAt, options.timing));
  }

  begin(): void {
    const { held, command, timing } = this.#options;
    const { watchdog } = this.#deps;
    watchdog.listen((report) => {
      if (report.kind === 'started') this.#family = new CommandFamily(report.pid);
      else if (report.kind === 'standing' && report.running) this.#stands(report.deadline);
      else if (report.kind === 'not-started') this.#finish(report);
      else if (report.kind === 'gone') this.#withoutWatchdog();
      else if (report.kind === 'ended')
        this.#finish(
          report.stopped === null
            ? { kind: 'ended', code: report.code, leftovers: report.leftovers }
            : { kind: 'stopped', why: report.stopped },
        );
    });
    const { name, token } = held;
    const { deadline } = this.#guard;
    watchdog.order({ kind: 'run', command, name, token, deadline, graceMs: timing.graceMs });
    this.#renewIn(Math.max(0, between(this.#now(), after(held.sentAt, timing.renewEveryMs))));
    this.#look();
  }

  #now(): ReturnType<ClockPort['now']> {
    return this.#deps.clock.now();
  }

  #renewIn(delayMs: number): void {
    if (!this.#over) this.#cancelRenewal = this.#deps.clock.after(delayMs, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { held, timing } = this.#options;
    const { locks, watchdog } = this.#deps;
    const sentAt = this.#now();
    const renewed = await locks.renew(held, timing.requestMs);
    if (this.#over) return;
    if (renewed === 'kept') watchdog.order({ kind: 'extend', deadline: lockDeadline(sentAt, timing) });
    else if (renewed === 'lost') {
      watchdog.order({ kind: 'stop', why: 'etcd says that the lock’s lease or key is gone' });
      this.#step({ kind: 'stop', why: 'the lock is gone', graceMs: timing.graceMs });
      return;
    }
    const spent = between(sentAt, this.#now());
    this.#renewIn(renewed === 'kept' ? Math.max(0, timing.renewEveryMs - spent) : retryMs);
  }

  /** Only what the watchdog has confirmed counts: one that is frozen may have missed an order. */
  #stands(deadline: LockDeadline): void {
    this.#step({ kind: 'extend', deadline });
  }

  #step(event: Parameters<typeof stepLockGuard>[1]): void {
    this.#guard = stepLockGuard(this.#guard, event, this.#now());
  }

  /** The watchdog stops the command in time. If it is frozen itself, this is what does it. */
  #look(): void {
    this.#step({ kind: 'tick' });
    if (this.#guard.phase === 'killing') {
      this.#family?.signal('SIGKILL');
      const lateMs = between(this.#guard.deadline.killAt, this.#now());
      const left = this.#family?.running() ?? [];
      const why = this.#guard.why ?? '';
      if (left.length === 0 && lateMs > 1000) return this.#finish({ kind: 'stopped', why });
      if (lateMs > goneMs) return this.#finish({ kind: 'stuck', pids: left });
    }
    this.#cancelLook = this.#deps.clock.after(lookMs, () => this.#look());
  }

  /** Nobody stands over the command any more, and the lock must not be kept for one that cannot be stopped in time. */
  #withoutWatchdog(): void {
    if (this.#over) return;
    const why = 'the process that watches over it has ended';
    this.#deps.watchdog.close();
    if (this.#family === undefined) return this.#finish({ kind: 'stopped', why });
    this.#step({ kind: 'stop', why, graceMs: 0 });
  }

  #finish(end: HoldEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelLook();
    this.#cancelRenewal();
    this.#resolve(end);
  }
}
