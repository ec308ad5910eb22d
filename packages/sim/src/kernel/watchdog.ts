import type { Scheduler } from '../base/scheduler.ts';
import type { Machine } from '../machine/machine.ts';

const lookMs = 50;

/** The device that resets a machine whose guard has not petted it for a while. It stands still with a machine that is paused from outside. */
export class Watchdog {
  readonly #machine: Machine;
  readonly #scheduler: Scheduler;
  readonly #timeoutMs: number;
  readonly #reset: () => void;
  #pettedAt = 0;

  constructor(machine: Machine, scheduler: Scheduler, timeoutMs: number, reset: () => void) {
    this.#machine = machine;
    this.#scheduler = scheduler;
    this.#timeoutMs = timeoutMs;
    this.#reset = reset;
    this.#look();
  }

  #look(): void {
    const { now } = this.#scheduler;
    const { up, paused, guard } = this.#machine;
    if (!up || paused || guard.isWell) this.#pettedAt = now;
    else if (now - this.#pettedAt > this.#timeoutMs) {
      this.#pettedAt = now;
      this.#machine.note('the watchdog resets the machine');
      this.#reset();
    }
    this.#scheduler.in(lookMs, () => this.#look());
  }
}
