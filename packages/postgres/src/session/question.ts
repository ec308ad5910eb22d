import { between, fail, type Instant, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { atLimit, type Limit } from '../limit.ts';
import type { SessionFailure } from './session-failure.ts';

type Answer<T> = Result<T, SessionFailure>;

interface Asked<T> {
  readonly at: Instant;
  readonly answer: Promise<Answer<T>>;
}

/**
 * One question to a server, under way for longer than one look at it: the limit of a look says how long the look waits, never that the
 * server is silent. A machine that starves this process of time starves the reading of answers, too.
 */
export class Question<T> {
  readonly #ask: () => Promise<Answer<T>>;
  readonly #clock: ClockPort;
  #underWay: Asked<T> | undefined;
  /** Why the last question that ended had no answer; undefined when it had one. */
  #silence: string | undefined;

  /** `ask` fails with `timeout` only when the server is really silent. */
  constructor(ask: () => Promise<Answer<T>>, deps: { readonly clock: ClockPort }) {
    this.#ask = ask;
    this.#clock = deps.clock;
  }

  /** There is no server any more: nothing is known of the next one. */
  forget(): void {
    this.#silence = undefined;
  }

  /** `waiting`: not answered yet, and nothing follows from that. `timeout`: silent, and nothing has been heard since. */
  async answer(limit: Limit): Promise<Result<T, SessionFailure | 'waiting'>> {
    const earlier = this.#underWay;
    if (earlier !== undefined && (await this.#within(earlier, limit)) === undefined)
      return this.#notYet(earlier);
    // The answer to an earlier question shows that the server lives, but what it tells may be old.
    const own = this.#begin();
    return (await this.#within(own, limit)) ?? this.#notYet(own);
  }

  #begin(): Asked<T> {
    const ended = (): void => {
      this.#underWay = undefined;
    };
    const answer = this.#ask().finally(ended);
    const asked = { at: this.#clock.now(), answer };
    this.#underWay = asked;
    answer.then(
      (result) => {
        this.#silence = !result.ok && result.error.code === 'timeout' ? result.error.message : undefined;
      },
      () => {
        this.#silence = undefined;
      },
    );
    return asked;
  }

  /** Undefined when the limit passes first. */
  #within(asked: Asked<T>, limit: Limit): Promise<Answer<T> | undefined> {
    return new Promise((resolve, reject) => {
      const cancel = atLimit(this.#clock, limit.leftMs(), () => resolve(undefined));
      asked.answer.finally(cancel).then(resolve, reject);
    });
  }

  #notYet(asked: Asked<T>): Result<T, 'timeout' | 'waiting'> {
    if (this.#silence !== undefined) return fail('timeout', this.#silence);
    const ms = Math.round(between(asked.at, this.#clock.now()));
    return fail('waiting', `it was asked ${ms} ms ago and has not answered yet`);
  }
}
