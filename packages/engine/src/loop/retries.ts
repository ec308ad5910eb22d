import { after, type Instant, type Intention, intentionKey } from '@hamn/core';

const firstPauseMs = 50;
const longestPauseMs = 1000;
/** A failure that goes on is written down again this often. */
const tellAgainMs = 60_000;

interface Streak {
  readonly count: number;
  readonly message: string;
  readonly toldAt: Instant;
  readonly notBefore: Instant;
}

/**
 * The pauses between tries of what fails. The rules ask for an action as long as it is needed, and its end wakes them: without a pause, what
 * fails at once (an interface that does not exist, a full disk) would be tried hundreds of times a second, and push everything else out of the journal.
 */
export class Retries {
  readonly #streaks = new Map<string, Streak>();

  /** Making the node harmless is never held up. */
  mayStart(intention: Intention, now: Instant): boolean {
    if (intention.kind === 'demote') return true;
    const streak = this.#streaks.get(nameOf(intention));
    return streak === undefined || now >= streak.notBefore;
  }

  isRetry(intention: Intention): boolean {
    return this.#streaks.has(nameOf(intention));
  }

  succeeded(intention: Intention): void {
    this.#streaks.delete(nameOf(intention));
  }

  /** `pauseMs`: until the next try. `tell`: whether this failure is news. */
  failed(
    intention: Intention,
    message: string,
    now: Instant,
  ): { readonly pauseMs: number; readonly tell: boolean } {
    const before = this.#streaks.get(nameOf(intention));
    const count = (before?.count ?? 0) + 1;
    const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(count - 1, 10), longestPauseMs);
    const tell =
      before === undefined || before.message !== message || now >= after(before.toldAt, tellAgainMs);
    const toldAt = tell ? now : before.toldAt;
    this.#streaks.set(nameOf(intention), { count, message, toldAt, notBefore: after(now, pauseMs) });
    return { pauseMs, tell };
  }
}

/** Start and stop of one thing have one key, so that they never run at once; their failures are counted apart. */
const nameOf = (intention: Intention): string => `${intention.kind} ${intentionKey(intention)}`;
