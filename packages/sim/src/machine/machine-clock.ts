import { type Instant, instant } from '@hamn/core';

/** CLOCK_BOOTTIME of one machine: begins near 0 at boot, counts pauses, and runs faster or slower than the world by its drift. */
export class MachineClock {
  readonly #world: () => number;
  readonly rate: number;
  #bootedAt: number;
  #offset: number;

  /** `rate` 1.05: this clock shows 1050 ms when 1000 ms have passed. */
  constructor(world: () => number, rate: number, offset: number) {
    this.#world = world;
    this.rate = rate;
    this.#bootedAt = world();
    this.#offset = offset;
  }

  now(): Instant {
    return instant((this.#world() - this.#bootedAt) * this.rate + this.#offset);
  }

  /** The world's milliseconds in which this clock shows `localMs`. */
  toWorld(localMs: number): number {
    return localMs / this.rate;
  }

  reboot(offset: number): void {
    this.#bootedAt = this.#world();
    this.#offset = offset;
  }
}
