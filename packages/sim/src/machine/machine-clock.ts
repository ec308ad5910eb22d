import { type Instant, instant } from '@hamn/core';

/** CLOCK_BOOTTIME of one machine: begins near 0 at boot, counts pauses, and runs faster or slower than the world by its drift. */
export class MachineClock {
  readonly #world: () => number;
  readonly rate: number;
  #bootedAt: number;
  #offset: number;
  /** Of a virtual machine that is paused from outside and does not see the time pass. */
  #stoppedAt: number | undefined;
  #unseenMs = 0;

  /** `rate` 1.05: this clock shows 1050 ms when 1000 ms have passed. */
  constructor(world: () => number, rate: number, offset: number) {
    this.#world = world;
    this.rate = rate;
    this.#bootedAt = world();
    this.#offset = offset;
  }

  now(): Instant {
    const world = (this.#stoppedAt ?? this.#world()) - this.#unseenMs;
    return instant((world - this.#bootedAt) * this.rate + this.#offset);
  }

  stop(): void {
    this.#stoppedAt ??= this.#world();
  }

  goOn(): void {
    if (this.#stoppedAt === undefined) return;
    this.#unseenMs += this.#world() - this.#stoppedAt;
    this.#stoppedAt = undefined;
  }

  /** The world's milliseconds in which this clock shows `localMs`. */
  toWorld(localMs: number): number {
    return localMs / this.rate;
  }

  reboot(offset: number): void {
    this.#bootedAt = this.#world();
    this.#offset = offset;
    this.#stoppedAt = undefined;
    this.#unseenMs = 0;
  }
}
