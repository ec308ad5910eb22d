import type { RawGroup } from '@hamn/core';
import type { Random } from '../base/random.ts';
import type { Process } from '../machine/process.ts';
import type { Etcd } from './etcd.ts';

export interface WatchParts {
  readonly etcd: Etcd;
  readonly process: Process;
  readonly random: Random;
  /** Whether what etcd sends reaches the watcher now. */
  readonly reaches: () => boolean;
  /** How long the watch stands still from now on; 0 when it does not. */
  readonly stalledMs: () => number;
}

const retryMs = 250;
const reReadMs = 5000;

/** One watcher: gets the group after changes, late, sometimes several changes at once, never backwards. */
export class Watch {
  readonly #parts: WatchParts;
  readonly #onGroup: (group: RawGroup) => void;
  #queue: RawGroup[] = [];
  #waiting = false;
  #delivered = 0;

  constructor(parts: WatchParts, onGroup: (group: RawGroup) => void) {
    this.#parts = parts;
    this.#onGroup = onGroup;
    this.offer(parts.etcd.group);
    this.#reRead();
  }

  offer(group: RawGroup): void {
    if (!this.#parts.process.alive) return;
    if (this.#queue.length > 20) this.#queue = [];
    this.#queue.push(group);
    this.#schedule(this.#parts.random.between(0.2, 2));
  }

  #schedule(delayMs: number): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#parts.process.in(delayMs, () => this.#deliver());
  }

  #deliver(): void {
    this.#waiting = false;
    const { random, reaches, stalledMs } = this.#parts;
    if (!reaches() || stalledMs() > 0) return this.#schedule(retryMs);
    const oneByOne = random.chance(0.3);
    const next = oneByOne ? this.#queue.shift() : this.#queue.at(-1);
    if (!oneByOne) this.#queue = [];
    if (next !== undefined && next.revision > this.#delivered) {
      this.#delivered = next.revision;
      this.#onGroup(next);
    }
    if (this.#queue.length > 0) this.#schedule(random.between(0.1, 1));
  }

  #reRead(): void {
    const { process, etcd, random } = this.#parts;
    process.in(reReadMs + random.between(0, 500), () => {
      if (etcd.group.revision > this.#delivered) this.offer(etcd.group);
      this.#reRead();
    });
  }
}
