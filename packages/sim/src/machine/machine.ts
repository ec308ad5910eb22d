import type { GuardPlan, ResourceSettings, UnitView } from '@hamn/core';
import type { Random } from '../base/random.ts';
import type { Scheduler } from '../base/scheduler.ts';
import type { Trace } from '../base/trace.ts';
import { type GuardBreaks, GuardModel, type HarmlessLook } from '../guard/guard-model.ts';
import { UnitModel } from '../kernel/unit-model.ts';
import { VipKernel } from '../kernel/vip-kernel.ts';
import type { BranchMaker, PostgresDisk } from '../postgres/disk.ts';
import { Server } from '../postgres/server.ts';
import { activeOf } from '../postgres/view.ts';
import { LocalDisk } from './disk.ts';
import type { MachineClock } from './machine-clock.ts';
import type { Network } from './network.ts';
import { Process } from './process.ts';

export interface MachineBreaks extends GuardBreaks {
  readonly vipStays: boolean;
  readonly unitsStay: boolean;
  /** hamnd resumes a term that its guard does not hold any more. */
  readonly resumesAnyTerm: boolean;
  /** hamnd resumes no term at all. */
  readonly neverResumes: boolean;
  readonly recordSurvivesBoot: boolean;
}

export interface MachineParts {
  readonly name: string;
  readonly role: 'data' | 'witness';
  readonly clock: MachineClock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly network: Network;
  readonly branches: BranchMaker;
  readonly postgresDisk: PostgresDisk;
  readonly resources: readonly ResourceSettings[];
  readonly breaks: MachineBreaks;
  readonly find: (node: string) => Machine | undefined;
  readonly writable: (machine: Machine) => void;
  readonly acknowledged: (machine: Machine, lsn: number) => void;
  /** Its standby cannot follow the node of that name: WAL that it lacks is gone there. */
  readonly walGone: (machine: Machine, from: string) => void;
  readonly cloning: (machine: Machine, from: string) => void;
  readonly armed: (machine: Machine) => void;
  readonly ended: (machine: Machine, reason: string) => void;
  /** Its guard says that it is harmless. */
  readonly harmless: (machine: Machine) => void;
  readonly topologyChanged: () => void;
  /** Resets a machine that could not be made harmless, if it is set so. */
  readonly unverified: (machine: Machine) => boolean;
}

/** One computer: what runs on it, what its kernel does, what its disk keeps. */
export class Machine {
  readonly parts: MachineParts;
  readonly local: LocalDisk = new LocalDisk();
  readonly guard: GuardModel;
  readonly server: Server;
  readonly units: UnitModel;
  readonly vips: VipKernel;
  readonly #kernel: Process;
  readonly #system: Process;
  readonly #processes = new Set<Process>();
  up = true;
  boots = 1;
  /** Until this instant a thawed node's kernel and server may run on without the guard (design, I1). */
  thawedAt: number = Number.NEGATIVE_INFINITY;
  /** When hamnd last did an act long after its look at the term, because it was stopped between the two. */
  actedLateAt: number = Number.NEGATIVE_INFINITY;
  /** Until this instant, after a pause that its clock did not see, this machine does not know that its term is over. */
  unawareUntil: number = Number.NEGATIVE_INFINITY;
  /** The guard cannot verify its next act. */
  cannotVerify = false;
  hamnd: Process | undefined;
  #freezes = 0;
  #pauses = 0;
  #linksDown = 0;
  #watchers: { readonly process: Process; readonly run: () => void }[] = [];

  constructor(parts: MachineParts) {
    this.parts = parts;
    const { scheduler, random, clock } = parts;
    const machine = this;
    const pausedOnly = {
      get stopped(): boolean {
        return machine.paused || !machine.up;
      },
    };
    this.#kernel = new Process('kernel', pausedOnly, scheduler, random.fork('kernel'), false);
    this.#system = new Process('systemd', this, scheduler, random.fork('systemd'), false);
    this.#processes.add(this.#kernel).add(this.#system);
    this.vips = new VipKernel(this.#kernel, clock, () => scheduler.now, random.fork('vip'), this.note);
    this.units = new UnitModel(
      parts.resources,
      this.#system,
      random.fork('units'),
      this.note,
      () => this.#changed(),
      () => scheduler.now,
    );
    this.guard = new GuardModel({
      clock,
      random: random.fork('guard'),
      breaks: parts.breaks,
      note: this.note,
      makeHarmless: (by, plan) => this.makeHarmless(by, plan),
      reset: () => parts.unverified(this),
      armed: () => parts.armed(this),
      ended: (reason) => parts.ended(this, reason),
      harmless: () => parts.harmless(this),
    });
    this.server = this.#newServer();
  }

  get name(): string {
    return this.parts.name;
  }

  get paused(): boolean {
    return this.#pauses > 0;
  }

  /** For the processes: whether the ground they stand on is stopped. */
  get stopped(): boolean {
    return !this.up || this.#freezes > 0 || this.#pauses > 0;
  }

  get runs(): boolean {
    return !this.stopped;
  }

  readonly note = (text: string): void => {
    this.parts.trace.add(this.name, text);
  };

  newProcess(name: string, isEngine: boolean): Process {
    const { scheduler, random } = this.parts;
    const process = new Process(
      name,
      this,
      scheduler,
      random.fork(`${name}${this.#processes.size}`),
      isEngine,
    );
    for (const old of this.#processes) if (!old.alive) this.#processes.delete(old);
    this.#processes.add(process);
    return process;
  }

  startGuard(): void {
    if (this.parts.role === 'witness') return;
    this.guard.begin(this.newProcess('guard', false));
  }

  freeze(): void {
    this.#freezes += 1;
  }

  thaw(): void {
    this.#freezes -= 1;
    this.#goOn();
  }

  pause(): void {
    this.#pauses += 1;
  }

  unpause(): void {
    this.#pauses -= 1;
    this.#goOn();
  }

  powerOff(): void {
    this.up = false;
    this.#freezes = 0;
    this.#pauses = 0;
    this.local.isHung = false;
    this.server.powerOff();
    for (const process of this.#processes)
      if (process !== this.#kernel && process !== this.#system) process.kill();
    this.hamnd = undefined;
    this.vips.clear();
    this.units.boot();
    this.#watchers = [];
    this.guard.forget(this.parts.breaks.recordSurvivesBoot);
  }

  powerOn(): void {
    this.up = true;
    this.boots += 1;
    this.parts.clock.reboot(this.parts.random.between(3, 20));
    this.#goOn();
    this.startGuard();
  }

  /** Calls `run` in `process` when something on this machine has changed. */
  watch(process: Process, run: () => void): void {
    this.#watchers.push({ process, run });
  }

  linkUp = (): boolean => this.#linksDown === 0;

  /** The cable is out, or the switch's port is dead: the kernel tells who watches. */
  changeLink(up: boolean): void {
    this.#linksDown += up ? -1 : 1;
    this.#changed();
  }

  get isHung(): boolean {
    return this.local.isHung;
  }

  hangStorage(): void {
    this.local.isHung = true;
    this.server.hang();
  }

  storageGoesOn(): void {
    this.local.isHung = false;
    this.server.goOn();
  }

  postgresActive = (): UnitView['active'] => activeOf(this.server);

  #goOn(): void {
    if (this.stopped) return;
    this.thawedAt = this.parts.scheduler.now;
    for (const process of this.#processes) process.goOn();
    this.parts.topologyChanged();
  }

  #changed(): void {
    this.#watchers = this.#watchers.filter(({ process }) => process.alive);
    for (const { process, run } of this.#watchers) process.in(this.parts.random.between(0.1, 2), run);
  }

  makeHarmless(by: string, plan: GuardPlan | undefined): HarmlessLook {
    if (this.cannotVerify) {
      this.cannotVerify = false;
      return 'unverified';
    }
    const { vipStays, unitsStay } = this.parts.breaks;
    this.server.die(`killed by ${by}`);
    if (!vipStays) for (const address of this.vips.all) this.vips.remove(address, by);
    if (!unitsStay) this.units.killAll(plan?.units ?? []);
    if (this.server.process !== undefined) return 'unverified';
    const targets = (plan?.mounts ?? []).map(({ target }) => target);
    return this.units.unmountAll(targets) ? 'verified' : 'mounted';
  }

  #newServer(): Server {
    const {
      name,
      postgresDisk,
      random,
      network,
      branches,
      scheduler,
      find,
      writable,
      acknowledged,
      walGone,
      cloning,
    } = this.parts;
    return new Server({
      node: name,
      disk: postgresDisk,
      random: random.fork('postgres'),
      network,
      branches,
      now: () => scheduler.now,
      find: (node) => find(node)?.server,
      newProcess: () => this.newProcess('postgres', false),
      note: this.note,
      changed: () => this.#changed(),
      writable: () => writable(this),
      acknowledged: (lsn) => acknowledged(this, lsn),
      walGone: (from) => walGone(this, from.parts.node),
      cloning: (from) => cloning(this, from.parts.node),
    });
  }
}
