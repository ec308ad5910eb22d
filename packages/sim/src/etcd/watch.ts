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
  /** `stalled`: nothing comes, not even what is read again; `dead`: only what is read again. */
  readonly trouble: () => 'stalled' | 'dead' | undefined;
}

const retryMs = 250;
const reReadMs = 5000;

/** One watcher: gets the group after changes, late, sometimes several changes at once, never backwards. */
export class Watch {
  readonly #parts: WatchParts;
  readonly #onGroup: (group: RawGroup) => void;
  #queue: RawGroup[] = [];
  #waiting = false;
  #delivered: RawGroup | undefined;

  constructor(parts: WatchParts, onGroup: (group: RawGroup) => void) {
    this.#parts = parts;
    this.#onGroup = onGroup;
    this.#take(parts.etcd.group);
    this.#reRead();
  }

  /** A change, as etcd would send it. */
  offer(group: RawGroup): void {
    if (this.#parts.trouble() !== 'dead') this.#take(group);
  }

  /** The revisions that were not delivered yet are compacted away: the whole group is read, a while later. */
  gap(): void {
    const { process, random, etcd } = this.#parts;
    this.#queue = [];
    process.in(random.between(retryMs, 4 * retryMs), () => this.#take(etcd.group));
  }

  #take(group: RawGroup): void {
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
    const { random, reaches, trouble } = this.#parts;
    if (!reaches() || trouble() === 'stalled') return this.#schedule(retryMs);
    const oneByOne = random.chance(0.3);
    const next = oneByOne ? this.#queue.shift() : this.#queue.at(-1);
    if (!oneByOne) this.#queue = [];
    if (next !== undefined && this.#isNews(next)) {
      this.#delivered = next;
      this.#onGroup(next);
    }
    if (this.#queue.length > 0) this.#schedule(random.between(0.1, 1));
  }

  #isNews(group: RawGroup): boolean {
    const known = this.#delivered;
    if (known === undefined || known.clusterId !== group.clusterId) return true;
    return group.revision > known.revision || group.wentBackFrom !== undefined;
  }

  #reRead(): void {
    const { process, etcd, random } = this.#parts;
    process.in(reReadMs + random.between(0, 500), () => {
      const read = wentBack(etcd.group, this.#delivered);
      if (this.#isNews(read)) this.#take(read);
      this.#reRead();
    });
  }
}

/** What a read gave, marked when it is below what was received before it was asked. */
export const wentBack = (read: RawGroup, received: RawGroup | undefined): RawGroup =>
  received !== undefined && received.clusterId === read.clusterId && read.revision < received.revision
    ? { ...read, wentBackFrom: received.revision }
    : read;
