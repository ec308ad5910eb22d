import {
  after,
  biteAfterDeadlineMs,
  fail,
  type Instant,
  ok,
  type Result,
  type WatchdogView,
} from '@hamn/core';
import { bootClock, type openWatchdog, type WatchdogDevice } from '@hamn/linux';
import type { GuardState } from '../machine/state.ts';
import { petting, type Running } from '../machine/watchdog-duty.ts';
import type { GuardOptions } from './options.ts';

export interface WatchdogDeps {
  readonly open: typeof openWatchdog;
  readonly state: () => GuardState;
  readonly log: (level: 'error' | 'warn' | 'info', message: string) => void;
}

/** Tried in this order: the longest timeout of a harmless node, in seconds. */
const rests: readonly number[] = [60, 30, 20, 10, 5];
const mostLeastSeconds = 60;
/** How long after a failure the device is tried again. */
const againMs = 5000;
/** A driver that has not answered after this counts as missing until it answers. */
const patienceMs = 1000;
const stopMs = 500;

const unknown: Running = { seconds: 0, leastSeconds: 1, restSeconds: 60, bitesAt: undefined };

/**
 * Keeps the machine's watchdog petted as `petting` says, and no longer. One call to the device at a time, beside the guard's own loop: a
 * driver may wait for its hardware, and the act may not.
 */
export class Watchdog {
  readonly #options: GuardOptions['watchdog'];
  readonly #deps: WatchdogDeps;
  #device: WatchdogDevice | undefined;
  #running: Running = unknown;
  #isLearned = false;
  #trouble = 'It is being opened.';
  #triedAt: Instant | undefined;
  #work: { readonly done: Promise<void>; readonly since: Instant } | undefined;
  #said = '';
  #isLeft = false;

  constructor(options: GuardOptions['watchdog'], deps: WatchdogDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  get view(): WatchdogView {
    const { mode } = this.#options;
    if (mode === 'off') return { state: 'off' };
    const required = mode === 'required';
    const waitedMs = this.#work === undefined ? 0 : bootClock.now() - this.#work.since;
    const hung = waitedMs > patienceMs ? `It has not answered for ${Math.round(waitedMs)} ms.` : '';
    const reason = hung === '' ? this.#trouble : hung;
    const { seconds, leastSeconds } = this.#running;
    if (this.#device === undefined || reason !== '') return { state: 'missing', required, reason };
    const { identity } = this.#device;
    return { state: 'active', required, identity, timeoutMs: seconds * 1000, leastMs: leastSeconds * 1000 };
  }

  /** Begins what is due now, and returns at once. */
  look(): void {
    if (this.#options.mode === 'off' || this.#work !== undefined || this.#isLeft) return;
    const now = bootClock.now();
    const work = this.#due(now);
    if (work === undefined) return;
    this.#work = {
      since: now,
      done: work.then(() => {
        this.#work = undefined;
        this.#say();
        this.look();
      }),
    };
  }

  /** Ends when the armed node's short timeout is in force. Errors: `refused`, with the reason why it is not. */
  async armed(deadline: Instant, limitMs: number): Promise<Result<undefined, 'refused'>> {
    const until = after(bootClock.now(), limitMs);
    const latest = after(deadline, biteAfterDeadlineMs);
    for (;;) {
      const { bitesAt } = this.#running;
      if (this.view.state === 'active' && bitesAt !== undefined && bitesAt <= latest) return ok(undefined);
      const leftMs = until - bootClock.now();
      if (this.#work === undefined || leftMs <= 0) break;
      await withinMs(this.#work.done, leftMs);
    }
    const { view } = this;
    const why = view.state === 'missing' ? view.reason : 'Its timeout could not be set in time.';
    return fail('refused', `The watchdog, which is required, does not guard this term. ${why}`);
  }

  /** A harmless node's watchdog is switched off; one of a node in a role goes on, for the guard that follows. */
  async leave(): Promise<void> {
    this.#isLeft = true;
    if (this.#work !== undefined) await withinMs(this.#work.done, stopMs);
    if (this.#device !== undefined && this.#deps.state().phase === 'harmless')
      await withinMs(this.#switchOff(this.#device), stopMs);
  }

  async #switchOff(device: WatchdogDevice): Promise<void> {
    if (await device.stop()) return;
    const { seconds } = this.#running;
    const message = `The watchdog ${device.identity} cannot be switched off (nowayout): this machine is reset in ${seconds} s unless hamn-guard is started again.`;
    this.#deps.log('warn', message);
  }

  #due(now: Instant): Promise<void> | undefined {
    const state = this.#deps.state();
    const device = this.#device;
    if (this.#triedAt !== undefined && now - this.#triedAt < againMs) return undefined;
    if (device === undefined) return this.#open();
    // The shortest timeouts are tried out while the node is harmless: a reset would hurt nobody.
    if (!this.#isLearned && state.phase === 'harmless') return this.#learn(device);
    const seconds = petting(state, this.#running, now);
    return seconds === undefined ? undefined : this.#pet(device, seconds, now);
  }

  async #open(): Promise<void> {
    const opened = await this.#deps.open(this.#options.device);
    if (!opened.ok) return this.#failed(opened.error.message);
    this.#device = opened.value;
    this.#trouble = '';
    this.#triedAt = undefined;
  }

  async #learn(device: WatchdogDevice): Promise<void> {
    const leastSeconds = await firstPossible(device, 1, mostLeastSeconds);
    if (leastSeconds === undefined) return this.#failed('It refuses every timeout.');
    let restSeconds = leastSeconds;
    for (const seconds of rests) {
      const set = seconds > leastSeconds ? await device.setTimeout(seconds) : undefined;
      if (set?.ok !== true) continue;
      restSeconds = Math.min(set.value, seconds);
      break;
    }
    this.#isLearned = true;
    this.#triedAt = undefined;
    this.#trouble = '';
    this.#running = { seconds: 0, leastSeconds, restSeconds, bitesAt: undefined };
  }

  async #pet(device: WatchdogDevice, seconds: number, now: Instant): Promise<void> {
    let actual = seconds;
    if (this.#running.seconds !== seconds) {
      const set = await device.setTimeout(seconds);
      if (!set.ok) return this.#timeoutRefused(seconds, set.error.message);
      actual = set.value;
      this.#learnFrom(seconds, actual);
    }
    const petted = await device.pet();
    if (!petted.ok) return this.#failed(petted.error.message);
    this.#trouble = '';
    this.#triedAt = undefined;
    this.#running = { ...this.#running, seconds: actual, bitesAt: after(now, actual * 1000) };
  }

  /** A driver rounds to what its hardware can do. */
  #learnFrom(asked: number, actual: number): void {
    const { leastSeconds, restSeconds } = this.#running;
    this.#running = {
      ...this.#running,
      leastSeconds: actual > asked ? Math.max(leastSeconds, actual) : leastSeconds,
      restSeconds: actual < asked ? Math.min(restSeconds, actual) : restSeconds,
    };
  }

  /** Before it could be learned what the driver can do, a refusal teaches it. */
  #timeoutRefused(seconds: number, message: string): void {
    if (this.#isLearned || seconds >= mostLeastSeconds) return this.#failed(message);
    this.#running = { ...this.#running, leastSeconds: seconds + 1 };
  }

  #failed(message: string): void {
    this.#trouble = message;
    this.#triedAt = bootClock.now();
  }

  #say(): void {
    const { view } = this;
    if (view.state === 'off') return;
    const text =
      view.state === 'missing'
        ? `No watchdog guards this node: ${view.reason}`
        : `The watchdog ${view.identity} resets this machine when the guard cannot make it harmless; its shortest timeout is ${view.leastMs} ms.`;
    if (text === this.#said || (view.state === 'active' && !this.#isLearned)) return;
    this.#said = text;
    this.#deps.log(view.state === 'active' ? 'info' : view.required ? 'error' : 'warn', text);
  }
}

async function firstPossible(device: WatchdogDevice, from: number, to: number): Promise<number | undefined> {
  for (let seconds = from; seconds <= to; seconds += 1) {
    const set = await device.setTimeout(seconds);
    if (set.ok) return set.value;
  }
  return undefined;
}

function withinMs(work: Promise<void>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    work.then(end, end);
  });
}
