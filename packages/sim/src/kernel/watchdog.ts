import { biteAfterDeadlineMs, mostWatchdogMs } from '@hamn/core';
import type { Scheduler } from '../base/scheduler.ts';
import type { Machine } from '../machine/machine.ts';

const lookMs = 10;
/** Its shortest timeout. */
export const watchdogLeastMs = 1000;
const restMs = 60_000;
/** A petting that would gain less than this is left out. */
const worthMs = 50;

/**
 * The device that resets a machine whose guard has not petted it in time, with timeouts of whole seconds. As the guard does it (watchdog-duty.ts there): with a long
 * timeout on a harmless node, and so that it bites in time after the deadline on an armed one. It stands still with a machine that is paused from outside.
 */
export class Watchdog {
  readonly #machine: Machine;
  readonly #scheduler: Scheduler;
  readonly #reset: () => void;
  /** On the machine's own clock: both are driven by its board. */
  #bitesAt: number | undefined;
  #lookedAt = 0;

  constructor(machine: Machine, scheduler: Scheduler, reset: () => void) {
    this.#machine = machine;
    this.#scheduler = scheduler;
    this.#reset = reset;
    machine.guard.renewed = () => {
      this.#bitesAt = this.#petted(machine.parts.clock.now());
    };
    this.#look();
  }

  #look(): void {
    const { up, paused, parts } = this.#machine;
    const now = parts.clock.now();
    if (!up) this.#bitesAt = undefined;
    else if (paused)
      this.#bitesAt = this.#bitesAt === undefined ? undefined : this.#bitesAt + now - this.#lookedAt;
    else this.#bitesAt = this.#petted(now);
    this.#lookedAt = now;
    if (this.#bitesAt !== undefined && now > this.#bitesAt) {
      this.#bitesAt = undefined;
      this.#machine.note('the watchdog resets the machine');
      this.#reset();
    }
    this.#scheduler.in(lookMs, () => this.#look());
  }

  #petted(now: number): number | undefined {
    const { guard } = this.#machine;
    const { record, state } = guard.view;
    if (guard.process?.running !== true) return this.#bitesAt;
    if (state === 'harmless') return now + restMs;
    if (!guard.permits || record === undefined) return this.#bitesAt;
    // Too slow for this term: the last resort only, which comes late.
    if (watchdogLeastMs > mostWatchdogMs(record.termMs)) return now + watchdogLeastMs;
    const leftMs = record.deadline + biteAfterDeadlineMs - now;
    const timeoutMs = Math.min(Math.floor(leftMs / 1000) * 1000, restMs);
    const old = this.#bitesAt ?? Number.POSITIVE_INFINITY;
    const isDue = old > now + leftMs || now + timeoutMs >= old + worthMs;
    return timeoutMs >= watchdogLeastMs && isDue ? now + timeoutMs : this.#bitesAt;
  }
}
