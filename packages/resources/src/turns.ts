import type { ClockPort } from '@hamn/engine';

/** Who is held up for longer goes on: a turn is there for speed, and nothing depends on it. */
const mostWaitMs = 500;

export type EndTurn = () => void;

/**
 * What is begun side by side is prepared one after the other, in the order of asking. systemd answers one call at a time and forks only when nothing asks
 * it anything: five starts whose questions are mixed all begin when the last question is answered.
 */
export class Turns {
  readonly #clock: ClockPort;
  #last: Promise<void> = Promise.resolve();

  constructor(clock: ClockPort) {
    this.#clock = clock;
  }

  /** Resolves when it is the caller's turn, when it has waited long enough, or at `signal`. The caller ends it, however its work goes; twice does no harm. */
  async take(signal: AbortSignal): Promise<EndTurn> {
    const before = this.#last;
    let end: EndTurn = () => undefined;
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(mostWaitMs, resolve);
      const go = (): void => {
        cancel();
        resolve();
      };
      before.then(go, go);
      if (signal.aborted) go();
      else signal.addEventListener('abort', go, { once: true });
    });
    return end;
  }
}
