import type { RawGroup } from '@hamn/core';
import type { Cancel, ClockPort } from '@hamn/engine';
import type { Endpoint } from './endpoints.ts';
import { GroupMirror } from './group-mirror.ts';
import { type ReadDeps, readGroup } from './reads.ts';
import { WatchSession } from './watch-session.ts';
import type { WatchAnswer } from './wire/watch.ts';

/** Without an event for so long, the group is read: silence is no proof that nothing happened. */
const quietMs = 1000;
/** Even with events, the group is read so often. */
const rereadMs = 5000;
/** The limit of such a read. */
const readLimitMs = 1000;
/** Pause before the next try when etcd cannot be read. */
const retryMs = 200;
/** Pause before a watch that ended is begun again, at another member. */
const reopenMs = 100;
/** A change that a read shows must come through the watch within this time, or the watch is moved to another member. */
const graceMs = 400;

/**
 * Follows a group for ever: a read, then a watch from the next revision on, and reads in between as the watch's own sign of life. A watch that ends, is
 * compacted away, or does not deliver what a read shows is begun again, at another member.
 */
export class GroupWatch {
  readonly #onGroup: (group: RawGroup) => void;
  readonly #deps: ReadDeps;
  readonly #clock: ClockPort;
  readonly #mirror: GroupMirror;
  #session: WatchSession | undefined;
  /** The member whose watch failed last. */
  #avoid: Endpoint | undefined;
  #cancelRead: Cancel | undefined;
  #cancelGrace: Cancel | undefined;
  #cancelOpen: Cancel | undefined;
  #reading = false;
  #lastReadAt = 0;
  #closed = false;

  constructor(options: { readonly onGroup: (group: RawGroup) => void }, deps: ReadDeps) {
    this.#onGroup = options.onGroup;
    this.#deps = deps;
    this.#clock = deps.clock;
    this.#mirror = new GroupMirror({ space: deps.space });
  }

  start(): void {
    void this.#read();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRead?.();
    this.#cancelGrace?.();
    this.#cancelOpen?.();
    this.#session?.close();
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#closed) return;
    this.#reading = true;
    this.#cancelRead?.();
    const asked = this.#mirror.group;
    const read = await readGroup(readLimitMs, this.#deps);
    this.#reading = false;
    if (this.#closed) return;
    this.#lastReadAt = this.#clock.now();
    this.#readLater(read.ok ? quietMs : retryMs);
    if (read.ok) this.#takeRead(read.value, asked);
  }

  #readLater(delayMs: number): void {
    this.#cancelRead?.();
    this.#cancelRead = this.#clock.after(delayMs, () => void this.#read());
  }

  #takeRead(read: RawGroup, asked: RawGroup | undefined): void {
    const known = this.#mirror.group;
    const taken = this.#mirror.takeRead(read, asked);
    const group = this.#mirror.group;
    if (taken === 'changed' && group !== undefined) this.#onGroup(group);
    // A watch of another etcd, or one that waits for a revision far ahead, will never deliver.
    if (known !== undefined && (known.clusterId !== read.clusterId || group?.wentBackFrom !== undefined))
      this.#endSession();
    const session = this.#session;
    if (session === undefined) this.#openSession();
    else if (taken === 'changed') this.#expectDelivery(session, known?.revision ?? 0);
  }

  /** The read showed a change after `revision`; the watch must show one, too. */
  #expectDelivery(session: WatchSession, revision: number): void {
    this.#cancelGrace?.();
    this.#cancelGrace = this.#clock.after(graceMs, () => {
      if (this.#session === session && session.deliveredRevision <= revision) this.#restart(session);
    });
  }

  #openSession(): void {
    this.#cancelOpen?.();
    const group = this.#mirror.group;
    const order = this.#deps.endpoints.order();
    const endpoint = order.find((one) => one !== this.#avoid) ?? order[0];
    if (this.#session !== undefined || group === undefined || endpoint === undefined) return;
    this.#session = new WatchSession(
      {
        endpoint,
        range: this.#deps.space.everything(),
        startRevision: group.revision + 1,
        onAnswer: (answer) => this.#takeAnswer(answer),
        onEnd: (session) => this.#restart(session),
      },
      this.#deps,
    );
  }

  #takeAnswer(answer: WatchAnswer): void {
    this.#avoid = undefined;
    const taken = this.#mirror.takeEvents(answer);
    const untilReread = rereadMs - (this.#clock.now() - this.#lastReadAt);
    if (!this.#reading) this.#readLater(Math.max(0, Math.min(quietMs, untilReread)));
    const group = this.#mirror.group;
    if (taken === 'changed' && group !== undefined) this.#onGroup(group);
  }

  #restart(session: WatchSession): void {
    if (this.#closed || this.#session !== session) return;
    this.#avoid = session.endpoint;
    this.#endSession();
    // Both: a read may hang while etcd elects, and only a read moves the start revision beyond a compaction.
    this.#cancelOpen = this.#clock.after(reopenMs, () => this.#openSession());
    if (!this.#reading) this.#readLater(0);
  }

  #endSession(): void {
    const session = this.#session;
    this.#session = undefined;
    this.#cancelGrace?.();
    session?.close();
  }
}
