import { type FenceDeviceView, type FencingSettings, fail, ok, type Result } from '@hamn/core';
import type { FenceOrder, FencingFailure, FencingPort } from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { Scheduler } from '../base/scheduler.ts';
import type { MachineClock } from '../machine/machine-clock.ts';
import type { Process } from '../machine/process.ts';
import { request } from '../machine/request.ts';

/** What is wrong with the switch of one machine: it refuses, it never answers, or it answers nothing and acts later. */
export type SwitchTrouble = 'fails' | 'hangs' | 'late';

/** The power of the machines, as management controllers on a network of their own see and change it. */
export interface PowerSwitches {
  readonly trouble: (node: string) => SwitchTrouble | undefined;
  readonly isUp: (node: string) => boolean;
  readonly off: (node: string, by: string) => void;
  readonly on: (node: string) => void;
}

export interface SimFencingParts {
  readonly me: string;
  readonly process: Process;
  readonly clock: MachineClock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly switches: PowerSwitches;
}

const latestMs = 12_000;

/** Fencing as one hamnd asks for it. The agent is a process of its own: once it was begun it goes on, whatever becomes of hamnd. */
export class SimFencing implements FencingPort {
  readonly #parts: SimFencingParts;

  constructor(parts: SimFencingParts) {
    this.#parts = parts;
  }

  off({ target, stillWanted }: FenceOrder, limitMs: number): Promise<Result<string, FencingFailure>> {
    const { process, random, scheduler, switches, me } = this.#parts;
    return this.#call<string>(target, limitMs, (reply) => {
      process.in(random.between(1, 40), () => {
        if (!stillWanted()) return reply(fail('unwanted', 'It is not wanted any more.'));
        const trouble = switches.trouble(target);
        if (trouble === 'hangs') return;
        if (trouble === 'fails')
          return this.#later(() => reply(fail('failed', `The switch of ${target} refuses.`)));
        const lateMs = trouble === 'late' ? random.between(1000, latestMs) : random.between(50, 800);
        scheduler.in(lateMs, () => {
          switches.off(target, me);
          if (trouble !== 'late') this.#later(() => reply(this.#verified(target)));
        });
      });
    });
  }

  on({ target }: Omit<FenceOrder, 'stillWanted'>, limitMs: number): Promise<Result<string, FencingFailure>> {
    const { random, scheduler, switches } = this.#parts;
    return this.#call<string>(target, limitMs, (reply) => {
      if (switches.trouble(target) !== undefined) return;
      scheduler.in(random.between(300, 3000), () => {
        switches.on(target);
        this.#later(() => reply(ok('It is on.')));
      });
    });
  }

  status(fencing: FencingSettings): Promise<readonly FenceDeviceView[]> {
    const { process, random, switches } = this.#parts;
    const views = (): readonly FenceDeviceView[] =>
      fencing.nodes.map(({ node }) => ({
        device: 'switch',
        node,
        power: switches.trouble(node) === undefined ? (switches.isUp(node) ? 'on' : 'off') : 'unknown',
        reason: switches.trouble(node) === undefined ? undefined : 'The switch does not answer.',
      }));
    return new Promise((resolve) => process.in(random.between(5, 200), () => resolve(views())));
  }

  /** The switch's own word, asked after the act. */
  #verified(target: string): Result<string, FencingFailure> {
    return this.#parts.switches.isUp(target)
      ? fail('failed', `The switch says that ${target} is on.`)
      : ok(`The switch says that ${target} is off.`);
  }

  #later(run: () => void): void {
    this.#parts.process.in(this.#parts.random.between(20, 300), run);
  }

  #call<T>(
    target: string,
    limitMs: number,
    send: (reply: (result: Result<T, FencingFailure>) => void) => void,
  ): Promise<Result<T, FencingFailure>> {
    const { process, clock } = this.#parts;
    const late = (): Result<T, FencingFailure> =>
      fail('timeout', `The switch of ${target} did not answer within ${limitMs} ms.`);
    return request(process, clock.toWorld(limitMs), late, send);
  }
}
