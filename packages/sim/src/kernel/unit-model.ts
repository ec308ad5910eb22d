import { exclusiveMountOf, type ResourceSettings, type UnitView } from '@hamn/core';
import type { Random } from '../base/random.ts';
import type { Process } from '../machine/process.ts';
import { nameHere } from '../run/resources.ts';

export interface UnitTroubles {
  /** Of starts: that fail, that never come to their end. */
  startFailShare: number;
  startHangs: boolean;
  slowMs: number;
  /** A stop has no effect; SIGKILL still has one, and an unmount has not. */
  stopFails: boolean;
  /** So many looks say that nothing runs. */
  lies: number;
  /** A job never comes to its end by itself. */
  jobHangs: boolean;
}

const noTroubles: UnitTroubles = {
  startFailShare: 0,
  startHangs: false,
  slowMs: 0,
  stopFails: false,
  lies: 0,
  jobHangs: false,
};

interface Unit {
  readonly resource: ResourceSettings;
  active: UnitView['active'];
  result: string;
  owned: boolean;
  /** Which start or stop is under way: an older one that ends late counts for nothing. */
  turn: number;
  /** Who waits for a start that comes to no end by itself. */
  hung: (() => void) | undefined;
}

/** What one machine runs of the group's resources, as systemd and the kernel have it. It stops with the machine, not with hamnd. */
export class UnitModel {
  readonly #units = new Map<string, Unit>();
  readonly #manager: Process;
  readonly #random: Random;
  readonly #note: (text: string) => void;
  readonly #changed: () => void;
  readonly #now: () => number;
  troubles: UnitTroubles = { ...noTroubles };
  /** When the last unmount had no effect. */
  stuckAt: number = Number.NEGATIVE_INFINITY;
  /** When a look last said that nothing runs, and something did. */
  liedAt: number = Number.NEGATIVE_INFINITY;

  constructor(
    resources: readonly ResourceSettings[],
    manager: Process,
    random: Random,
    note: (text: string) => void,
    changed: () => void,
    now: () => number,
  ) {
    for (const resource of resources)
      this.#units.set(nameHere(resource), {
        resource,
        active: 'inactive',
        result: 'success',
        owned: false,
        turn: 0,
        hung: undefined,
      });
    this.#manager = manager;
    this.#random = random;
    this.#note = note;
    this.#changed = changed;
    this.#now = now;
  }

  /** Processes of the role: what the guard ends. */
  get running(): readonly string[] {
    return this.#up(({ what, runs }) => runs !== 'all' && what.kind !== 'mount');
  }

  /** Of the mounted ones: what one node alone may have. */
  get exclusivelyMounted(): readonly string[] {
    return this.#up((resource) => exclusiveMountOf(resource) !== undefined);
  }

  get mounted(): readonly string[] {
    return this.#up(({ what }) => what.kind === 'mount');
  }

  /** Whether this look is to lie. */
  lie(): boolean {
    if (this.troubles.lies === 0) return false;
    this.troubles.lies -= 1;
    this.liedAt = this.#now();
    return true;
  }

  noTrouble(): void {
    this.troubles = { ...noTroubles };
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
    const isJob = unit.resource.what.kind === 'job';
    if (isJob ? this.troubles.jobHangs : this.troubles.startHangs) {
      unit.hung = () => ended(false);
      return;
    }
    const takesMs = this.#random.between(20, 400) + this.troubles.slowMs;
    this.#manager.in(takesMs, () => {
      if (unit.turn !== turn) return ended(false);
      const failed = this.#random.chance(this.troubles.startFailShare);
      const state = isJob ? 'inactive' : 'active';
      this.#end(name, unit, failed ? 'failed' : state, failed ? 'exit-code' : 'success');
      ended(!failed);
    });
  }

  stop(name: string, ended: (ok: boolean) => void): void {
    const unit = this.#units.get(name);
    if (unit === undefined || !isUp(unit.active)) return ended(true);
    if (this.troubles.stopFails) {
      this.stuckAt = this.#now();
      this.#manager.in(this.#random.between(10, 200), () => ended(false));
      return;
    }
    const turn = this.#turn(name, unit, 'deactivating');
    this.#manager.in(this.#random.between(10, 200) + this.troubles.slowMs, () => {
      if (unit.turn === turn) this.#end(name, unit, 'inactive', 'success');
      ended(true);
    });
  }

  /** SIGKILL to its control group, or power-off. False: it is the kernel's, and did not go. */
  kill(name: string): boolean {
    const unit = this.#units.get(name);
    if (unit === undefined || !isUp(unit.active)) return true;
    if (unit.resource.what.kind === 'mount' && this.troubles.stopFails) {
      this.stuckAt = this.#now();
      return false;
    }
    unit.turn += 1;
    this.#end(name, unit, 'failed', 'signal');
    return true;
  }

  /** What the guard's plan names. */
  killAll(names: readonly string[]): void {
    for (const name of names) this.kill(name);
  }

  /** What the guard asks systemd for; true when none of them is mounted any more. */
  unmountAll(targets: readonly string[]): boolean {
    const left = [...this.#units].filter(
      ([, { active, resource }]) =>
        isUp(active) && resource.what.kind === 'mount' && targets.includes(resource.what.target),
    );
    for (const [name, { active }] of left) if (active !== 'deactivating') this.stop(name, () => undefined);
    return left.length === 0;
  }

  /** After a boot: nothing runs. */
  boot(): void {
    for (const unit of this.#units.values()) {
      unit.turn += 1;
      unit.active = 'inactive';
      unit.result = 'success';
    }
  }

  #up(which: (resource: ResourceSettings) => boolean): readonly string[] {
    return [...this.#units]
      .filter(([, { active, resource }]) => isUp(active) && which(resource))
      .map(([name]) => name);
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
    unit.hung?.();
    unit.hung = undefined;
    this.#note(`${name} is ${active}${result === 'success' ? '' : ` (${result})`}`);
    this.#changed();
  }
}

const isUp = (active: UnitView['active']): boolean => active !== 'inactive' && active !== 'failed';
