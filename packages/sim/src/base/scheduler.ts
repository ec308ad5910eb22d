import { EventHeap, type QueuedEvent } from './event-heap.ts';

export type Cancel = () => void;

/**
 * Virtual time. Events run one after the other in the order of their instants (ties in the order of scheduling). After an event that ran code
 * of an engine (`touch`) every promise settles before the next event: the run goes back to Node's own loop once, which drains all microtasks.
 */
export class Scheduler {
  #now = 0;
  #touched = false;
  readonly #heap = new EventHeap();

  /** Milliseconds since the beginning of the run: the world's own time, which no node sees. */
  get now(): number {
    return this.#now;
  }

  /** Promises may have been resolved: let them settle before the next event. */
  touch(): void {
    this.#touched = true;
  }

  in(delayMs: number, run: () => void): Cancel {
    const event: QueuedEvent = { at: this.#now + Math.max(0, delayMs), sequence: 0, run, cancelled: false };
    this.#heap.push(event);
    return () => {
      event.cancelled = true;
    };
  }

  /** Runs until `ended` says so or nothing is left. What an event throws ends the run. */
  run(ended: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          this.#touched = false;
          while (!this.#touched) {
            if (ended() || !this.#step()) return resolve();
          }
          setImmediate(turn);
        } catch (error) {
          reject(error);
        }
      };
      // The code before the run may have left promises as well.
      setImmediate(turn);
    });
  }

  #step(): boolean {
    let event = this.#heap.pop();
    while (event?.cancelled === true) event = this.#heap.pop();
    if (event === undefined) return false;
    this.#now = event.at;
    event.run();
    return true;
  }
}
