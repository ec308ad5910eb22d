import { done, fail, ok, type ResourceLook, type Result } from '@hamn/core';
import {
  type Permit,
  type ResourceCall,
  type ResourceFailure,
  type ResourcePort,
  termOver,
} from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { MachineClock } from '../machine/machine-clock.ts';
import type { Process } from '../machine/process.ts';
import { request } from '../machine/request.ts';
import { nameHere } from '../run/resources.ts';
import type { UnitModel } from './unit-model.ts';

export interface SimResourceParts {
  readonly model: UnitModel;
  readonly process: Process;
  readonly clock: MachineClock;
  readonly random: Random;
  readonly act: (what: string) => void;
  readonly ran: (job: string) => void;
  /** Goes on while the machine stands still. */
  readonly worldNow: () => number;
}

type Answer = Result<undefined, ResourceFailure>;

/** Resources as one hamnd starts, stops and looks at them. */
export class SimResources implements ResourcePort {
  readonly #parts: SimResourceParts;

  constructor(parts: SimResourceParts) {
    this.#parts = parts;
  }

  look({ resource, limitMs }: ResourceCall): Promise<Result<ResourceLook, ResourceFailure>> {
    const { model } = this.#parts;
    return this.#call<Result<ResourceLook, ResourceFailure>>(limitMs, late(resource.name), (answer) => {
      const { active } = model.view(nameHere(resource));
      const isLie = active === 'active' && model.lie();
      const level =
        active === 'active' && !isLie ? 'running' : active === 'inactive' || isLie ? 'stopped' : 'failed';
      answer(ok({ level, sure: false, reason: undefined }));
    });
  }

  start({ resource, limitMs }: ResourceCall, permit: Permit): Promise<Answer> {
    const { model, act, ran, worldNow } = this.#parts;
    const { name, what, runs } = resource;
    const begun = worldNow();
    return this.#call<Answer>(limitMs, late(name), (answer) => {
      if (!permit()) return answer(termOver(`${name} was started`));
      if (runs === 'primary') act(`starts ${name}`);
      model.start(nameHere(resource), (started) => {
        // One that ends after its limit, since the machine stood still, is an attempt that failed, and is made once more.
        if (started && what.kind === 'job' && worldNow() - begun <= limitMs) ran(name);
        answer(started ? done : fail('failed', `${name} could not be started.`));
      });
    });
  }

  promote(): Promise<Answer> {
    return Promise.resolve(fail('unusable', 'Nothing here is promoted.'));
  }

  demote(): Promise<Answer> {
    return Promise.resolve(fail('unusable', 'Nothing here is demoted.'));
  }

  outdate(): Promise<Answer> {
    return Promise.resolve(fail('unusable', 'Nothing here is mirrored.'));
  }

  stop({ resource, limitMs }: ResourceCall): Promise<Answer> {
    return this.#call<Answer>(limitMs, late(resource.name), (answer) =>
      this.#parts.model.stop(nameHere(resource), (stopped) =>
        answer(stopped ? done : fail('failed', `${resource.name} did not stop.`)),
      ),
    );
  }

  kill({ resource, limitMs }: ResourceCall): Promise<Answer> {
    return this.#call<Answer>(limitMs, late(resource.name), (answer) => {
      const isGone = this.#parts.model.kill(nameHere(resource));
      answer(isGone ? done : fail('failed', `${resource.name} could not be killed.`));
    });
  }

  output(): undefined {
    return undefined;
  }

  #call<T>(limitMs: number, whenLate: () => T, run: (answer: (result: T) => void) => void): Promise<T> {
    const { process, clock, random } = this.#parts;
    return request<T>(process, clock.toWorld(limitMs), whenLate, (reply) => {
      process.in(random.between(0.5, 4), () =>
        run((result) => process.in(random.between(0.2, 1), () => reply(result))),
      );
    });
  }
}

const late =
  (name: string): (() => Result<never, ResourceFailure>) =>
  () =>
    fail('timeout', `${name} did not come to an end within its limit.`);
