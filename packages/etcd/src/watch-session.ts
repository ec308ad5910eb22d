import type { Cancel, ClockPort } from '@hamn/engine';
import type { OpenStream } from './connection.ts';
import type { Endpoint } from './endpoints.ts';
import type { KeyRange } from './wire/kv.ts';
import { type WatchAnswer, watch, watchRequest } from './wire/watch.ts';

/** How long a member may take to confirm a watch. */
const createdLimitMs = 1000;

export interface WatchSessionOptions {
  readonly endpoint: Endpoint;
  readonly range: KeyRange;
  readonly startRevision: number;
  /** Called for every answer that has events. */
  readonly onAnswer: (answer: WatchAnswer) => void;
  /** Called once, when the member ended or refused the watch or did not confirm it in time; never after `close`. */
  readonly onEnd: (session: WatchSession) => void;
}

/** One watch at one member, from its first revision to its end. */
export class WatchSession {
  readonly endpoint: Endpoint;
  readonly #options: WatchSessionOptions;
  readonly #stream: OpenStream;
  readonly #cancelLimit: Cancel;
  #delivered = 0;
  #ended = false;

  constructor(options: WatchSessionOptions, deps: { readonly clock: ClockPort }) {
    this.endpoint = options.endpoint;
    this.#options = options;
    this.#cancelLimit = deps.clock.after(createdLimitMs, () => this.#end());
    this.#stream = options.endpoint.streams.open(watch, {
      onAnswer: (answer) => this.#take(answer),
      onEnd: () => this.#end(),
    });
    this.#stream.send(watchRequest(options.range, options.startRevision));
  }

  /** The newest revision of which this watch has delivered an event; 0 before the first. */
  get deliveredRevision(): number {
    return this.#delivered;
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelLimit();
    this.#stream.cancel();
  }

  #take(answer: WatchAnswer): void {
    if (this.#ended) return;
    if (answer.canceled) return this.#end();
    if (answer.created) this.#cancelLimit();
    if (answer.events.length === 0) return;
    this.#delivered = Math.max(this.#delivered, ...answer.events.map((event) => event.keyValue.mod));
    this.#options.onAnswer(answer);
  }

  #end(): void {
    if (this.#ended) return;
    this.close();
    this.#options.onEnd(this);
  }
}
