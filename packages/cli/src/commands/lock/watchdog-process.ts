import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import {
  assert,
  type LockGuard,
  type LockGuardEvent,
  type LockOrder,
  type LockReport,
  lockOrderSchema,
  newLockGuard,
  stepLockGuard,
} from '@hamn/core';
import { now } from '@hamn/linux';
import type { App } from '../../app.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { CommandFamily, signalGroup } from './command-family.ts';

/** Well below the margin of the shortest lock. A timer for the deadline itself would sleep through a suspend of the machine. */
const tickMs = 50;
const meetEveryMs = 1000;
const leftBehind = 'processes of it were left';

type Run = Extract<LockOrder, { readonly kind: 'run' }>;

/**
 * The parent of the command: it gets the deadline from hamnctl and needs nobody to keep it, so the command ends in time when hamnctl is frozen or killed.
 * It never writes to the terminal: a reader that has stopped would hold it up.
 */
export function lockWatchdog(app: App): Promise<ExitCode> {
  if (process.send === undefined) {
    app.io.err('Only `hamnctl lock` starts this.\n');
    return Promise.resolve(exitCodes.usage);
  }
  return new Promise((resolve) => {
    const end = (): void => {
      if (process.connected) process.disconnect?.();
      resolve(exitCodes.ok);
    };
    const watch = new Watch(end);
    process.on('message', (message) => {
      const order = lockOrderSchema.safeParse(message);
      if (order.success) watch.obey(order.data);
    });
    process.on('disconnect', () => watch.stop('hamnctl has ended'));
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)
      process.on(signal, () => watch.stop('its watchdog was told to end'));
    report({ kind: 'ready' });
  });
}

function report(what: LockReport, then: () => void = () => undefined): void {
  if (process.connected && process.send !== undefined) process.send(what, then);
  else then();
}

class Watch {
  readonly #end: () => void;
  #run: Run | undefined;
  #child: ChildProcess | undefined;
  #family: CommandFamily | undefined;
  #lookAt = Number.NEGATIVE_INFINITY;
  #guard: LockGuard | undefined;
  #exitCode: number | undefined;
  #leftovers = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(end: () => void) {
    this.#end = end;
  }

  obey(order: LockOrder): void {
    if (order.kind === 'run') this.#start(order);
    else if (order.kind === 'stop') this.stop(order.why);
    else if (order.kind === 'extend') this.#extend(order);
    else if (this.#guard?.phase === 'running' && this.#child?.pid !== undefined)
      signalGroup(this.#child.pid, order.signal as NodeJS.Signals);
  }

  stop(why: string): void {
    if (this.#run === undefined) this.#end();
    else this.#step({ kind: 'stop', why, graceMs: this.#run.graceMs });
  }

  #start(run: Run): void {
    assert(this.#run === undefined, 'a lock’s watchdog was told to run twice');
    this.#run = run;
    const [program = '', ...args] = run.command;
    if (now() >= run.deadline.stopAt)
      return this.#notStarted('the time of the lock was over before it could start');
    this.#guard = newLockGuard(run.deadline);
    const { name, token } = run;
    const child = spawn(program, args, {
      stdio: 'inherit',
      // A group of its own: all of it can be stopped, and Ctrl-C reaches it through hamnctl only, once.
      detached: true,
      env: { ...process.env, HAMN_LOCK_NAME: name, HAMN_LOCK_TOKEN: String(token) },
    });
    this.#child = child;
    if (child.pid !== undefined) this.#family = new CommandFamily(child.pid);
    child.once('error', (error) => {
      if (child.pid === undefined) this.#notStarted(error.message);
    });
    child.once('spawn', () => report({ kind: 'started', pid: child.pid ?? 0 }));
    child.once('exit', (code, signal) => {
      this.#exitCode = signal === null ? (code ?? 0) : 128 + constants.signals[signal];
      this.#tick();
    });
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  #notStarted(reason: string): void {
    clearInterval(this.#timer);
    report({ kind: 'not-started', reason }, this.#end);
  }

  #extend(order: Extract<LockOrder, { readonly kind: 'extend' }>): void {
    this.#step(order);
    if (this.#guard === undefined) return;
    const { deadline, phase } = this.#guard;
    report({ kind: 'standing', deadline, running: phase === 'running' });
  }

  #tick(): void {
    this.#step({ kind: 'tick' });
    if (this.#exitCode === undefined) return this.#meet();
    if ((this.#family?.running() ?? []).length > 0) {
      // Whatever the command left would go on writing without the lock.
      this.#leftovers = true;
      return this.stop(leftBehind);
    }
    clearInterval(this.#timer);
    const why = this.#guard?.why;
    const stopped = why === undefined || why === leftBehind ? null : why;
    const ended: LockReport = { kind: 'ended', code: this.#exitCode, stopped, leftovers: this.#leftovers };
    // hamnctl may be frozen: its socket takes the report all the same, and this process need not wait.
    report(ended, this.#end);
  }

  /** So that who is in a session of his own is known when his parent has ended. */
  #meet(): void {
    if (now() < this.#lookAt) return;
    this.#lookAt = now() + meetEveryMs;
    this.#family?.running();
  }

  #step(event: LockGuardEvent): void {
    if (this.#guard === undefined) return;
    const before = this.#guard.phase;
    this.#guard = stepLockGuard(this.#guard, event, now());
    const { phase } = this.#guard;
    if (phase === 'killing') this.#signal('SIGKILL');
    else if (phase === 'terminating' && before === 'running') {
      this.#signal('SIGTERM');
      // One that is stopped hears it only when it goes on.
      this.#signal('SIGCONT');
    }
  }

  #signal(signal: NodeJS.Signals): void {
    this.#family?.signal(signal);
  }
}
