import type { Instant } from '@hamn/core';
import type { Cancel, ClockPort } from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { MachineClock } from '../machine/machine-clock.ts';
import type { Process } from '../machine/process.ts';

/** The machine's clock as one hamnd reads it. Timers are late by up to a millisecond, and by the length of a freeze. */
export class SimClock implements ClockPort {
  readonly #clock: MachineClock;
  readonly #process: Process;
  readonly #random: Random;
  readonly #name: string;
  #nonces = 0;

  constructor(clock: MachineClock, process: Process, random: Random, name: string) {
    this.#clock = clock;
    this.#process = process;
    this.#random = random;
    this.#name = name;
  }

  now(): Instant {
    return this.#clock.now();
  }

  wallMs(): number {
    return 1_800_000_000_000 + Math.round(this.#clock.now());
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.#process.in(this.#clock.toWorld(delayMs) + this.#random.between(0, 0.8), run);
  }

  nonce(): string {
    this.#nonces += 1;
    return `${this.#name}.${this.#nonces}`;
  }
}
