import type { Random } from '../base/random.ts';
import type { Machine } from '../machine/machine.ts';
import type { World } from '../run/world.ts';
import { adminFaults } from './admin-faults.ts';
import { cloneFaults } from './clone-faults.ts';
import { compoundFaults } from './compound-faults.ts';
import { etcdFaults } from './etcd-faults.ts';
import type { FaultKind } from './fault.ts';
import { fencingFaults } from './fencing-faults.ts';
import { groundFaults } from './ground-faults.ts';
import { machineFaults } from './machine-faults.ts';
import { momentFaults } from './moment-faults.ts';
import { awaitMoment } from './moments.ts';
import { networkFaults } from './network-faults.ts';
import { postgresFaults } from './postgres-faults.ts';
import { quorumFaults } from './quorum-faults.ts';
import { resourceFaults } from './resource-faults.ts';
import { restoreFaults } from './restore-faults.ts';
import { settingsFaults } from './settings-faults.ts';
import { stepFaults } from './step-faults.ts';
import type { Strikes } from './strikes.ts';

const allFaults: readonly FaultKind[] = [
  ...machineFaults,
  ...stepFaults,
  ...groundFaults,
  ...networkFaults,
  ...etcdFaults,
  ...restoreFaults,
  ...fencingFaults,
  ...postgresFaults,
  ...resourceFaults,
  ...adminFaults,
  ...settingsFaults,
  ...compoundFaults,
  ...momentFaults,
  ...cloneFaults,
  ...quorumFaults,
];

/** Draws the faults of a scenario from its seed and lets them strike: at an instant, or at a moment of the protocol. */
export class Injector {
  readonly #world: World;
  readonly #strikes: Strikes;
  readonly #random: Random;
  readonly #kinds: readonly FaultKind[];
  /** What keeps a node safe and is struck now. */
  readonly #struck: { readonly node: string; readonly kind: FaultKind }[] = [];
  readonly #heals = new Set<() => void>();

  /** `only`: names of the faults to draw from; all when it is empty. */
  constructor(world: World, strikes: Strikes, only: readonly string[]) {
    this.#world = world;
    this.#strikes = strikes;
    this.#random = world.random.fork('faults');
    // A seed leaves some kinds out, so that the others meet more often.
    const chosen = this.#random.fork('kinds');
    const swarm = allFaults.filter(() => chosen.chance(0.5));
    const some = swarm.length === 0 ? allFaults : swarm;
    const kinds = only.length === 0 ? some : allFaults.filter((kind) => only.includes(kind.name));
    this.#kinds = kinds.filter(({ mode }) => mode === undefined || mode === world.scenario.mode);
  }

  begin(): void {
    const { scheduler, scenario } = this.#world;
    const { faultsFromMs, healAtMs } = scenario;
    for (let i = 0; i < scenario.faults; i += 1) {
      const kind = this.#draw();
      const at = this.#random.between(faultsFromMs, healAtMs - 1500);
      const triggered = this.#random.chance(0.35);
      scheduler.in(at, () => {
        if (!triggered) return this.#strike(kind, undefined);
        awaitMoment(this.#world, this.#random, (near) => {
          if (this.#world.now < healAtMs - 500) this.#strike(kind, near);
        });
      });
    }
    scheduler.in(healAtMs, () => this.#healAll());
  }

  #strike(kind: FaultKind, near: Machine | undefined): void {
    const world = this.#world;
    const node = this.#victim(kind, near);
    if (this.#isTooMuch(kind, node.name)) return;
    const strike = this.#strikes.begin(kind, node);
    const end = kind.begin({ world, random: this.#random, node });
    if (end === undefined) return this.#strikes.forget(strike);
    world.trace.add(node.name, `* ${kind.name}`);
    const struck = { node: node.name, kind };
    this.#struck.push(struck);
    let open = true;
    const heal = (): void => {
      if (!open) return;
      open = false;
      this.#heals.delete(heal);
      end();
      strike.endedAt = world.now;
      // What was struck needs a moment to be itself again.
      world.scheduler.in(1500, () => this.#struck.splice(this.#struck.indexOf(struck), 1));
      if (kind.instant !== true) world.trace.add(node.name, `* ${kind.name}: over`);
    };
    this.#heals.add(heal);
    world.scheduler.in(kind.instant === true ? 0 : (kind.lengthMs ?? this.#lengthMs()), heal);
  }

  #isTooMuch(kind: FaultKind, node: string): boolean {
    if (kind.touches === 'none') return false;
    const beside = this.#struck.filter((one) => one.node === node && one.kind.touches !== 'none');
    const isWatched = this.#world.scenario.hasWatchdog;
    return beside.some(
      (one) =>
        one.kind.touches === kind.touches ||
        !(isWatched || one.kind.restarts === true || kind.restarts === true),
    );
  }

  #victim(kind: FaultKind, near: Machine | undefined): Machine {
    if (near !== undefined && this.#random.chance(0.7)) return near;
    const all = kind.onlyData === true ? this.#world.dataMachines : [...this.#world.machines.values()];
    const holder = all.find((machine) => machine.server.isWritable);
    if (holder !== undefined && this.#random.chance(this.#world.scenario.aimedShare)) return holder;
    const [first, ...rest] = all;
    if (first === undefined) throw new Error('A scenario has at least one node.');
    return this.#random.pick([first, ...rest]);
  }

  #lengthMs(): number {
    const kind = this.#random.next();
    if (kind < 0.3) return this.#random.between(50, 1200);
    if (kind < 0.7) return this.#random.between(1000, 6000);
    return this.#random.between(5000, 22_000);
  }

  #draw(): FaultKind {
    const sum = this.#kinds.reduce((total, kind) => total + kind.weight, 0);
    let left = this.#random.between(0, sum);
    for (const kind of this.#kinds) {
      left -= kind.weight;
      if (left <= 0) return kind;
    }
    throw new Error('There is no such fault.');
  }

  /** From here on nothing is broken; the cluster must come to rest. */
  #healAll(): void {
    const world = this.#world;
    for (const heal of [...this.#heals]) heal();
    for (const machine of world.machines.values()) {
      world.powerOn(machine);
      world.startHamnd(machine.name);
    }
    world.trace.add('world', '* all faults are over');
  }
}

export const faultNames: readonly string[] = allFaults.map((kind) => kind.name);
