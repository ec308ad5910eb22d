import { done, fail, ok, type Result, type UnitView } from '@hamn/core';
import { type Permit, termOver, type UnitFailure, type UnitPort } from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { MachineClock } from '../machine/machine-clock.ts';
import type { Process } from '../machine/process.ts';
import { request } from '../machine/request.ts';
import type { UnitModel } from './unit-model.ts';

export interface SimUnitParts {
  readonly model: UnitModel;
  readonly process: Process;
  readonly clock: MachineClock;
  readonly random: Random;
  readonly postgresUnit: { readonly name: string; readonly active: () => UnitView['active'] };
  readonly watch: (run: () => void) => void;
  readonly act: (what: string) => void;
}

/** systemd as one hamnd uses it. */
export class SimUnits implements UnitPort {
  readonly #parts: SimUnitParts;

  constructor(parts: SimUnitParts) {
    this.#parts = parts;
  }

  observe(units: readonly string[]): Promise<Result<readonly UnitView[], UnitFailure>> {
    const { process, random } = this.#parts;
    return new Promise((resolve) =>
      process.in(random.between(0.2, 2), () => resolve(ok(units.map((unit) => this.#view(unit))))),
    );
  }

  start(unit: string, timeoutMs: number, permit: Permit): Promise<Result<undefined, UnitFailure>> {
    return this.#job(timeoutMs, unit, (answer) => {
      if (!permit()) return answer(termOver(`${unit} was started`));
      this.#parts.act(`starts ${unit}`);
      this.#parts.model.start(unit, (started) =>
        answer(started ? done : fail('failed', `${unit} could not be started.`)),
      );
    });
  }

  stop(unit: string, timeoutMs: number): Promise<Result<undefined, UnitFailure>> {
    return this.#job(timeoutMs, unit, (answer) =>
      this.#parts.model.stop(unit, (stopped) =>
        answer(stopped ? done : fail('timeout', `${unit} did not stop.`)),
      ),
    );
  }

  own(unit: string, timeoutMs: number): Promise<Result<undefined, UnitFailure>> {
    return this.#job(timeoutMs, unit, (answer) => {
      this.#parts.model.own(unit);
      answer(done);
    });
  }

  async wasOwned(): Promise<boolean> {
    return false;
  }

  watch(onChange: () => void): void {
    this.#parts.watch(onChange);
  }

  #view(name: string): UnitView {
    const { model, postgresUnit } = this.#parts;
    if (name !== postgresUnit.name) return model.view(name);
    const active = postgresUnit.active();
    return { unit: name, loaded: true, active, sub: active, enabled: false, result: 'success' };
  }

  #job(
    timeoutMs: number,
    unit: string,
    run: (answer: (result: Result<undefined, UnitFailure>) => void) => void,
  ): Promise<Result<undefined, UnitFailure>> {
    const { process, clock, random } = this.#parts;
    const late = (): Result<undefined, UnitFailure> =>
      fail('timeout', `The job for ${unit} did not end within ${timeoutMs} ms.`);
    return request<Result<undefined, UnitFailure>>(process, clock.toWorld(timeoutMs), late, (reply) => {
      process.in(random.between(0.5, 4), () =>
        run((result) => process.in(random.between(0.2, 1), () => reply(result))),
      );
    });
  }
}
