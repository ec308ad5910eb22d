import { fail, type ResourceAct, type Result } from '@hamn/core';
import { type ClockPort, type Deadline, pause, type ResourceFailure } from '@hamn/engine';

interface Running {
  readonly act: ResourceAct;
  readonly since: number;
  readonly controller: AbortController;
  isOver: boolean;
}

/** An act that does not heed its end is waited for so long, and no longer than half the limit; a stop goes on then. */
const mostWaitMs = 5000;
const lookEveryMs = 10;

/** What is under way for each resource. A look gives way to every act, an act gives way to the next one. */
export class InFlight {
  readonly #clock: ClockPort;
  readonly #running = new Map<string, Set<Running>>();

  constructor(clock: ClockPort) {
    this.#clock = clock;
  }

  async run<T>(
    resource: string,
    act: ResourceAct,
    limit: Deadline,
    body: (signal: AbortSignal) => Promise<Result<T, ResourceFailure>>,
  ): Promise<Result<T, ResourceFailure>> {
    const all = this.#running.get(resource) ?? new Set<Running>();
    this.#running.set(resource, all);
    const earlier = [...all];
    if (act === 'monitor' && earlier.length > 0) return this.#cannotLook(earlier);
    const own: Running = {
      act,
      since: this.#clock.now(),
      controller: new AbortController(),
      isOver: false,
    };
    all.add(own);
    try {
      const left = await this.#ended(earlier, limit);
      if (own.controller.signal.aborted) return interrupted();
      if (left.length > 0 && act !== 'stop' && act !== 'kill') return this.#cannotAct(act, left);
      const result = await body(own.controller.signal);
      // Its program was ended, or its permit said no.
      return own.controller.signal.aborted && !result.ok ? interrupted(result.error.message) : result;
    } finally {
      own.isOver = true;
      all.delete(own);
      if (all.size === 0) this.#running.delete(resource);
    }
  }

  /** Those that did not end. */
  async #ended(earlier: readonly Running[], limit: Deadline): Promise<readonly Running[]> {
    for (const { controller } of earlier) controller.abort();
    const until = this.#clock.now() + Math.min(mostWaitMs, limit.leftMs() / 2);
    const left = (): readonly Running[] => earlier.filter(({ isOver }) => !isOver);
    while (left().length > 0 && this.#clock.now() < until) await pause(this.#clock, lookEveryMs);
    return left();
  }

  #cannotLook(earlier: readonly Running[]): Result<never, ResourceFailure> {
    const [one] = earlier;
    if (one === undefined || one.act !== 'monitor')
      return fail('timeout', `Its ${one?.act ?? 'act'} is still under way.`);
    return fail(
      'timeout',
      `A look of ${this.#age(one)} ago has not ended: what it asks hangs, so no second one is begun.`,
    );
  }

  #cannotAct(act: ResourceAct, left: readonly Running[]): Result<never, ResourceFailure> {
    const told = left.map((one) => `${one.act} of ${this.#age(one)} ago`).join(', ');
    return fail('timeout', `Its ${act} was not begun: the ${told} does not end.`);
  }

  #age({ since }: Running): string {
    return `${Math.round((this.#clock.now() - since) / 100) / 10} s`;
  }
}

const interrupted = (message = ''): Result<never, 'failed'> =>
  fail('failed', `It was ended: another act on the resource was asked for. ${message}`.trimEnd());
