import { fail, type GuardAct, type GuardPlan, type GuardView, ok, type Result } from '@hamn/core';
import type { ArmOrder, GuardFailure, GuardPort } from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { MachineClock } from '../machine/machine-clock.ts';
import type { Process } from '../machine/process.ts';
import { request } from '../machine/request.ts';
import { type GuardModel, type HarmlessLook, lookAgainMs } from './guard-model.ts';

export interface SimGuardParts {
  readonly model: GuardModel;
  readonly process: Process;
  readonly clock: MachineClock;
  readonly random: Random;
  readonly makeHarmless: (by: string, plan: GuardPlan) => HarmlessLook;
  /** The share of orders that the guard gets twice, the second time later. */
  readonly twiceShare: () => number;
}

const latestCopyMs = 4000;

/** hamnd's connection to the guard of its machine. */
export class SimGuard implements GuardPort {
  readonly #parts: SimGuardParts;

  constructor(parts: SimGuardParts) {
    this.#parts = parts;
  }

  observe(timeoutMs: number): Promise<Result<GuardView, GuardFailure>> {
    return this.#call(timeoutMs, (answer) => answer(ok(this.#parts.model.view)));
  }

  arm(order: ArmOrder, timeoutMs: number): Promise<Result<undefined, GuardFailure>> {
    const { model, clock } = this.#parts;
    return this.#call(timeoutMs, (answer) => answer(model.arm(order, clock.now())));
  }

  extend(...[token, deadline, timeoutMs]: Parameters<GuardPort['extend']>): ReturnType<GuardPort['extend']> {
    const { model, clock, random, twiceShare } = this.#parts;
    const order = () => model.extend(token, deadline, clock.now());
    if (random.chance(twiceShare())) model.process?.in(random.between(0, latestCopyMs), order);
    return this.#call(timeoutMs, (answer) => answer(order()));
  }

  plan(plan: GuardPlan, timeoutMs: number): Promise<Result<undefined, GuardFailure>> {
    return this.#call(timeoutMs, (answer) => answer(this.#parts.model.plan(plan)));
  }

  demote(reason: string, timeoutMs: number): Promise<Result<GuardAct, GuardFailure>> {
    return this.#call(timeoutMs, (answer) => this.#parts.model.demote(reason, answer));
  }

  demoteWithoutGuard(plan: GuardPlan, reason: string, timeoutMs: number): Promise<GuardAct> {
    const { process, clock, random, makeHarmless } = this.#parts;
    const began = clock.now();
    return new Promise((resolve) => {
      const round = (): void => {
        const look = makeHarmless('hamnd', plan);
        const tookMs = clock.now() - began;
        if (look === 'mounted' && tookMs < timeoutMs) process.in(lookAgainMs, round);
        else resolve({ reason, at: clock.now(), tookMs, verified: look === 'verified' });
      };
      process.in(random.between(5, 100), round);
    });
  }

  watch(onChange: () => void): void {
    const { model, process, random } = this.#parts;
    model.watch(() => process.in(random.between(0.1, 1), onChange));
  }

  #call<T>(
    timeoutMs: number,
    handle: (answer: (result: Result<T, GuardFailure>) => void) => void,
  ): Promise<Result<T, GuardFailure>> {
    const { model, process, clock, random } = this.#parts;
    const late = (): Result<T, GuardFailure> =>
      fail('silent', `hamn-guard did not answer within ${timeoutMs} ms.`);
    return request<Result<T, GuardFailure>>(process, clock.toWorld(timeoutMs), late, (reply) => {
      const guard = model.process;
      if (guard === undefined) {
        process.in(random.between(0.1, 1), () => reply(fail('silent', 'hamn-guard does not run.')));
        return;
      }
      guard.in(random.between(0.05, 0.4), () =>
        handle((result) => process.in(random.between(0.05, 0.4), () => reply(result))),
      );
    });
  }
}
