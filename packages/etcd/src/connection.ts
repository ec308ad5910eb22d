import { ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { broken, type CallFailureCode, callFailure, timedOut } from './call-failure.ts';
import type { ExchangeEnd } from './exchange.ts';
import { Line, type TlsTexts } from './line.ts';
import type { Method } from './wire/rpc.ts';

export interface ConnectionOptions {
  /** `https://address:port`. */
  readonly url: string;
  readonly tls: TlsTexts;
}

export interface StreamHandlers<Answer> {
  readonly onAnswer: (answer: Answer) => void;
  /** Called once, with a sentence; also after `cancel`. */
  readonly onEnd: (reason: string) => void;
}

export interface OpenStream {
  send(request: Buffer): void;
  cancel(): void;
}

/**
 * The way to one etcd member, dialled when it is needed. After a call that got no answer the line is left for a new one: behind a healed cut TCP may take
 * many seconds to send again, a new connection takes milliseconds. Other calls on the left
 * line may still be answered. A handshake that is under way is left alone: on a slow machine calls that begin it anew again and again would keep it slow.
 */
export class Connection {
  readonly url: string;
  readonly #options: ConnectionOptions;
  readonly #clock: ClockPort;
  #line: Line | undefined;

  constructor(options: ConnectionOptions, deps: { readonly clock: ClockPort }) {
    this.url = options.url;
    this.#options = options;
    this.#clock = deps.clock;
  }

  /** One question and one answer, at most once on the wire; it ends within `limitMs` whatever happens. */
  call<Answer>(
    method: Method<Answer>,
    request: Buffer,
    limitMs: number,
  ): Promise<Result<Answer, CallFailureCode>> {
    if (limitMs <= 0) return Promise.resolve(timedOut(this.url, 0));
    return new Promise((resolve) => {
      const line = this.#ready();
      let answer: { readonly value: Answer } | undefined;
      const exchange = line.begin(method.path, limitMs, {
        onMessage: (message) => {
          answer = { value: method.decode(message) };
        },
        onEnd: (end) => {
          cancelTimer();
          if (end.kind === 'broken' && !line.isShakingHands) this.#leave(line);
          resolve(this.#result(answer, end, limitMs));
        },
      });
      const cancelTimer = this.#clock.after(limitMs, () => {
        if (!line.isShakingHands) this.#leave(line);
        resolve(timedOut(this.url, limitMs));
        exchange.cancel();
      });
      exchange.finish(request);
    });
  }

  /** A stream in both directions. It has no limit of its own: the caller watches over it. */
  open<Answer>(method: Method<Answer>, handlers: StreamHandlers<Answer>): OpenStream {
    const line = this.#ready();
    const exchange = line.begin(method.path, undefined, {
      onMessage: (message) => handlers.onAnswer(method.decode(message)),
      onEnd: (end) => {
        if (!line.isShakingHands) this.#leave(line);
        handlers.onEnd(end.kind === 'broken' ? end.reason : end.details);
      },
    });
    return { send: (request) => exchange.send(request), cancel: () => exchange.cancel() };
  }

  close(): void {
    if (this.#line !== undefined) this.#leave(this.#line);
  }

  #result<Answer>(
    answer: { readonly value: Answer } | undefined,
    end: ExchangeEnd,
    limitMs: number,
  ): Result<Answer, CallFailureCode> {
    if (end.kind === 'broken') return broken(this.url, end.reason);
    if (end.status !== 0) return callFailure(this.url, limitMs, end.status, end.details);
    return answer === undefined ? broken(this.url, 'its answer was empty') : ok(answer.value);
  }

  #ready(): Line {
    this.#line ??= new Line({ ...this.#options, onLost: (line) => this.#leave(line) });
    return this.#line;
  }

  #leave(line: Line): void {
    if (this.#line === line) this.#line = undefined;
    line.leave();
  }
}
