import type { Random } from '../base/random.ts';
import type { Cancel, Scheduler } from '../base/scheduler.ts';

/** What decides, beside the process's own state, whether it runs. */
export interface Ground {
  readonly stopped: boolean;
}

interface Held {
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * One life of one process. What happens to it while it is stopped (SIGSTOP, a freeze or pause of its machine) happens after it goes on, late and
 * in any order, as with timers and sockets that became ready meanwhile. What happens to a dead one never happens.
 */
export class Process {
  readonly name: string;
  readonly #ground: Ground;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #isEngine: boolean;
  #alive = true;
  #frozen = false;
  #held: Held[] = [];
  #interrupt: { steps: number; readonly run: () => void } | undefined;

  constructor(name: string, ground: Ground, scheduler: Scheduler, random: Random, isEngine: boolean) {
    this.name = name;
    this.#ground = ground;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#isEngine = isEngine;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get running(): boolean {
    return this.#alive && !this.#frozen && !this.#ground.stopped;
  }

  get frozen(): boolean {
    return this.#frozen || this.#ground.stopped;
  }

  /** In `delayMs` of the world, or when it runs again. */
  in(delayMs: number, run: () => void): Cancel {
    const held: Held = { run, cancelled: false };
    this.#wait(held, delayMs);
    return () => {
      held.cancelled = true;
    };
  }

  kill(): void {
    this.#alive = false;
    this.#held = [];
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    this.goOn();
  }

  /** Calls `run` before the n-th next step, wherever between two awaits that is; it may stop this process there, or end it. */
  interrupt(steps: number, run: () => void): void {
    this.#interrupt = { steps, run };
  }

  /** Called when the machine goes on. */
  goOn(): void {
    if (!this.running) return;
    const held = this.#held;
    this.#held = [];
    for (const one of held) this.#wait(one, this.#random.between(0, 4));
  }

  #countDown(): void {
    const interrupt = this.#interrupt;
    if (interrupt === undefined) return;
    interrupt.steps -= 1;
    if (interrupt.steps > 0) return;
    this.#interrupt = undefined;
    interrupt.run();
  }

  #wait(held: Held, delayMs: number): void {
    this.#scheduler.in(delayMs, () => {
      if (held.cancelled || !this.#alive) return;
      if (this.running) this.#countDown();
      if (!this.#alive) return;
      if (!this.running) {
        this.#held.push(held);
        return;
      }
      if (this.#isEngine) this.#scheduler.touch();
      held.run();
    });
  }
}
