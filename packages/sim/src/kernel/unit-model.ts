import type { UnitView } from '@hamn/core';
import type { Random } from '../base/random.ts';
import type { Process } from '../machine/process.ts';

export interface UnitTroubles {
  startFailShare: number;
  slowMs: number;
}

interface Unit {
  active: UnitView['active'];
  result: string;
  owned: boolean;
  /** Which start or stop is under way: an older one that ends late counts for nothing. */
  turn: number;
}

/** The services' units of one machine, as systemd runs them. They stop with the machine, not with hamnd. */
export class UnitModel {
  readonly #units = new Map<string, Unit>();
  readonly #manager: Process;
  readonly #random: Random;
  readonly #note: (text: string) => void;
  readonly #changed: () => void;
  readonly troubles: UnitTroubles = { startFailShare: 0, slowMs: 0 };

  constructor(
    names: readonly string[],
    manager: Process,
    random: Random,
    note: (text: string) => void,
    changed: () => void,
  ) {
    for (const name of names)
      this.#units.set(name, { active: 'inactive', result: 'success', owned: false, turn: 0 });
    this.#manager = manager;
    this.#random = random;
    this.#note = note;
    this.#changed = changed;
  }

  get running(): readonly string[] {
    return [...this.#units].filter(([, unit]) => isUp(unit.active)).map(([name]) => name);
  }

  view(name: string): UnitView {
    const unit = this.#units.get(name);
    const active = unit?.active ?? 'inactive';
    return {
      unit: name,
      loaded: unit !== undefined,
      active,
      sub: active,
      enabled: unit?.owned === false,
      result: unit?.result ?? 'success',
    };
  }

  own(name: string): void {
    const unit = this.#units.get(name);
    if (unit !== undefined) unit.owned = true;
  }

  start(name: string, ended: (ok: boolean) => void): void {
    const unit = this.#units.get(name);
    if (unit === undefined) return ended(false);
    if (unit.active === 'active') return ended(true);
    const turn = this.#turn(name, unit, 'activating');
    const takesMs = this.#random.between(20, 400) + this.troubles.slowMs;
    this.#manager.in(takesMs, () => {
      if (unit.turn !== turn) return ended(false);
      const failed = this.#random.chance(this.troubles.startFailShare);
      this.#end(name, unit, failed ? 'failed' : 'active', failed ? 'exit-code' : 'success');
      ended(!failed);
    });
  }

  stop(name: string, ended: () => void): void {
    const unit = this.#units.get(name);
    if (unit === undefined || !isUp(unit.active)) return ended();
    const turn = this.#turn(name, unit, 'deactivating');
    this.#manager.in(this.#random.between(10, 200) + this.troubles.slowMs, () => {
      if (unit.turn === turn) this.#end(name, unit, 'inactive', 'success');
      ended();
    });
  }

  /** SIGKILL to its control group, or power-off. */
  kill(name: string): void {
    const unit = this.#units.get(name);
    if (unit === undefined || !isUp(unit.active)) return;
    unit.turn += 1;
    this.#end(name, unit, 'failed', 'signal');
  }

  killAll(): void {
    for (const name of this.#units.keys()) this.kill(name);
  }

  /** After a boot: nothing runs. */
  boot(): void {
    for (const unit of this.#units.values()) {
      unit.turn += 1;
      unit.active = 'inactive';
      unit.result = 'success';
    }
  }

  #turn(name: string, unit: Unit, active: UnitView['active']): number {
    unit.turn += 1;
    unit.active = active;
    this.#note(`${name} is ${active}`);
    this.#changed();
    return unit.turn;
  }

  #end(name: string, unit: Unit, active: UnitView['active'], result: string): void {
    unit.active = active;
    unit.result = result;
    this.#note(`${name} is ${active}${result === 'success' ? '' : ` (${result})`}`);
    this.#changed();
  }
}

const isUp = (active: UnitView['active']): boolean => active !== 'inactive' && active !== 'failed';
