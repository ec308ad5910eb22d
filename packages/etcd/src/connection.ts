import type { ServiceError } from '@grpc/grpc-js';
import { ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { answeredItself, type CallFailureCode, callFailure, timedOut } from './call-failure.ts';
import { Line, type LineOptions } from './line.ts';
import type { Method } from './wire/rpc.ts';

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
 * One TLS connection to one etcd member, dialled when it is needed. After a call that got no answer the connection is thrown away: behind a healed cut TCP
 * may take many seconds to send again, a new connection takes milliseconds. A pool shared with other connections would keep the old one, so each has its own.
 */
export class Connection {
  readonly url: string;
  readonly #options: LineOptions;
  readonly #clock: ClockPort;
  #line: Line | undefined;

  constructor(options: LineOptions, deps: { readonly clock: ClockPort }) {
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
      let ended = false;
      const end = (result: Result<Answer, CallFailureCode>, sound: boolean): void => {
        if (ended) return;
        ended = true;
        cancelTimer();
        if (!sound) this.#leave(line);
        line.release();
        resolve(result);
      };
      const answered = (error: ServiceError | null, answer?: Answer): void => {
        if (error === null && answer !== undefined) return end(ok(answer), true);
        const { code, details } = error ?? { code: 13, details: 'an answer without a message' };
        end(callFailure(this.url, limitMs, code, details), answeredItself(details));
      };
      const cancelTimer = this.#clock.after(limitMs, () => {
        end(timedOut(this.url, limitMs), false);
        call.cancel();
      });
      const call = line.ask(method, request, limitMs, answered);
    });
  }

  /** A stream in both directions. It has no limit of its own: the caller watches over it. */
  open<Answer>(method: Method<Answer>, handlers: StreamHandlers<Answer>): OpenStream {
    const line = this.#ready();
    const stream = line.stream(method);
    let ended = false;
    const end = (reason: string): void => {
      if (ended) return;
      ended = true;
      this.#leave(line);
      line.release();
      handlers.onEnd(reason);
    };
    stream.on('data', (answer: Answer) => {
      if (!ended) handlers.onAnswer(answer);
    });
    stream.on('error', (error: Error) => end(error.message));
    stream.on('end', () => end('The member ended the stream.'));
    return {
      send: (request) => void stream.write(request),
      cancel: () => {
        end('The stream was given up.');
        stream.cancel();
      },
    };
  }

  close(): void {
    if (this.#line !== undefined) this.#leave(this.#line);
  }

  #ready(): Line {
    this.#line ??= new Line(this.#options);
    this.#line.use();
    return this.#line;
  }

  /** No new call goes over this line. Those under way may still be answered: a slow one must not make the others unknown. */
  #leave(line: Line): void {
    if (this.#line === line) this.#line = undefined;
    line.leave();
  }
}
