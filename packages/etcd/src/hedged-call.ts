import { type Failure, fail, type Instant, type Result } from '@hamn/core';
import type { Cancel, ClockPort } from '@hamn/engine';
import type { CallFailureCode } from './call-failure.ts';
import type { Endpoint, Endpoints } from './endpoints.ts';
import type { Method } from './wire/rpc.ts';

export interface Question<Answer> {
  readonly method: Method<Answer>;
  readonly request: Buffer;
  readonly limitMs: number;
}

export interface CallDeps {
  readonly endpoints: Endpoints;
  readonly clock: ClockPort;
}

type Answered<Answer> = Result<Answer, CallFailureCode>;

/**
 * A call that may be made twice (a read): when one member fails the next is asked at once, when one is slow the next is asked beside it after a third of
 * the limit. The first answer counts. It ends within `limitMs`. Errors: those of the last member that failed.
 */
export const hedgedCall = <Answer>(question: Question<Answer>, deps: CallDeps): Promise<Answered<Answer>> =>
  new Promise((resolve) => new HedgedCall({ question, resolve }, deps).askNext());

class HedgedCall<Answer> {
  readonly #question: Question<Answer>;
  readonly #resolve: (result: Answered<Answer>) => void;
  readonly #endpoints: Endpoints;
  readonly #clock: ClockPort;
  readonly #order: readonly Endpoint[];
  readonly #began: Instant;
  readonly #waiting = new Set<Endpoint>();
  readonly #failures: Failure<CallFailureCode>[] = [];
  #asked = 0;
  #settled = false;
  #cancelHedge: Cancel | undefined;

  constructor(
    options: {
      readonly question: Question<Answer>;
      readonly resolve: (result: Answered<Answer>) => void;
    },
    deps: CallDeps,
  ) {
    this.#question = options.question;
    this.#resolve = options.resolve;
    this.#endpoints = deps.endpoints;
    this.#clock = deps.clock;
    this.#order = deps.endpoints.order();
    this.#began = deps.clock.now();
  }

  askNext(): void {
    this.#cancelHedge?.();
    this.#cancelHedge = undefined;
    const endpoint = this.#order[this.#asked];
    if (this.#settled || endpoint === undefined) return;
    this.#asked += 1;
    this.#waiting.add(endpoint);
    void this.#ask(endpoint);
    this.#cancelHedge = this.#clock.after(this.#question.limitMs / 3, () => this.askNext());
  }

  async #ask(endpoint: Endpoint): Promise<void> {
    const { method, request, limitMs } = this.#question;
    const leftMs = limitMs - (this.#clock.now() - this.#began);
    const answer = await endpoint.calls.call(method, request, leftMs);
    this.#waiting.delete(endpoint);
    if (!answer.ok && answer.error.code !== 'rejected' && leftMs > 0) this.#endpoints.failed(endpoint);
    if (this.#settled) return;
    if (answer.ok) return this.#answered(endpoint, answer);
    this.#failures.push(answer.error);
    if (this.#asked < this.#order.length) this.askNext();
    else if (this.#waiting.size === 0) this.#settle(fail(answer.error.code, this.#reasons()));
  }

  #answered(endpoint: Endpoint, answer: Answered<Answer>): void {
    this.#endpoints.worked(endpoint);
    // Whoever was asked earlier and was overtaken is slow: it is asked last until a probe finds it quick again.
    for (const earlier of this.#order.slice(0, this.#order.indexOf(endpoint))) {
      if (this.#waiting.has(earlier)) this.#endpoints.failed(earlier);
    }
    this.#settle(answer);
  }

  #settle(result: Answered<Answer>): void {
    this.#settled = true;
    this.#cancelHedge?.();
    this.#resolve(result);
  }

  #reasons(): string {
    return [...new Set(this.#failures.map((one) => one.message))].join(' ');
  }
}
