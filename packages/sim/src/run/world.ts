import type { GroupSettings } from '@hamn/core';
import type { JournalEvent, Ports } from '@hamn/engine';
import { Random } from '../base/random.ts';
import { Scheduler } from '../base/scheduler.ts';
import { Trace } from '../base/trace.ts';
import { Etcd } from '../etcd/etcd.ts';
import { noTroubles, type StoreTroubles } from '../etcd/sim-store.ts';
import { Hamnd } from '../hamnd/hamnd.ts';
import type { PowerSwitches, SwitchTrouble } from '../hamnd/sim-fencing.ts';
import { PeerRegistry } from '../hamnd/sim-peers.ts';
import { Watchdog } from '../kernel/watchdog.ts';
import { Machine, type MachineBreaks } from '../machine/machine.ts';
import { MachineClock } from '../machine/machine-clock.ts';
import { clientPlace, Network } from '../machine/network.ts';
import { BranchMaker, emptyDisk } from '../postgres/disk.ts';
import type { Branch } from '../postgres/wal.ts';
import { Acknowledged } from './acknowledged.ts';
import { Configuration } from './configuration.ts';
import { roleResourcesOf } from './resources.ts';
import type { Scenario } from './scenario.ts';
import { settingsOf } from './settings.ts';
import { Signals } from './signals.ts';

export interface WorldOptions {
  readonly scenario: Scenario;
  readonly keepTrace: boolean;
  readonly breaks: MachineBreaks;
  readonly wrapPorts: (ports: Ports, machine: Machine, world: World) => Ports;
}

const adminMs = 3000;

/** Everything that exists in one run. It only is; what happens to it is begun by the scenario, the faults and the client. */
export class World {
  readonly scenario: Scenario;
  readonly configuration: Configuration;
  readonly scheduler: Scheduler = new Scheduler();
  readonly random: Random;
  readonly trace: Trace;
  readonly network: Network;
  readonly etcd: Etcd;
  readonly machines: Map<string, Machine> = new Map();
  readonly troubles: Map<string, StoreTroubles> = new Map();
  readonly registry: PeerRegistry = new PeerRegistry();
  readonly signals: Signals = new Signals();
  readonly rootBranch: Branch;
  readonly acknowledged: Acknowledged = new Acknowledged();
  /** A restore of etcd is under way, or was not cleared up yet. */
  isRestored = false;
  #recordsWrites = true;
  readonly switchTroubles: Map<string, SwitchTrouble> = new Map();
  readonly #hamnds = new Map<string, Hamnd>();
  readonly #options: WorldOptions;
  readonly #branches = new BranchMaker();

  constructor(options: WorldOptions) {
    const { scenario } = options;
    this.#options = options;
    this.scenario = scenario;
    this.random = new Random(`seed ${scenario.seed}`);
    this.trace = new Trace(options.keepTrace, () => this.scheduler.now);
    const names = scenario.nodes.map((node) => node.name);
    this.network = new Network([...names, clientPlace], this.random.fork('network'));
    this.etcd = new Etcd(names, {
      scheduler: this.scheduler,
      network: this.network,
      random: this.random.fork('etcd'),
      trace: this.trace,
      runs: (host) => this.machines.get(host)?.runs === true && this.machines.get(host)?.isHung !== true,
    });
    this.configuration = new Configuration(settingsOf(scenario), {
      scheduler: this.scheduler,
      random: this.random.fork('configuration'),
      network: this.network,
      reachesEtcd: (node) =>
        names.some((host) => this.network.connects(node, host) && this.etcd.quorum.serves(host)),
      hamnd: (node) => this.hamnd(node),
      note: (node, text) => this.trace.add(node, text),
    });
    this.rootBranch = this.#branches.root();
    for (const { name, role, rate } of scenario.nodes) {
      const machine = this.#makeMachine(name, role, rate);
      this.machines.set(name, machine);
      if (role === 'data' && scenario.hasWatchdog)
        new Watchdog(machine, this.scheduler, () => this.reset(machine));
      this.troubles.set(name, noTroubles());
    }
  }

  /** After a restore of etcd nothing is promised until the group was set up anew. */
  forgetWrites(begin: boolean): void {
    this.#recordsWrites = !begin;
    if (!begin) this.acknowledged.abandon();
  }

  #acknowledge(machine: Machine, lsn: number): void {
    if (!this.configuration.promisesWrites) this.acknowledged.forget();
    else if (this.#recordsWrites) {
      const { branch } = machine.server.parts.disk.position;
      this.acknowledged.record(branch, lsn, machine.guard.view.record?.token);
    }
    this.signals.emit({ kind: 'acknowledged', machine, lsn });
  }

  /** The settings that were applied last. */
  get settings(): GroupSettings {
    return this.configuration.current;
  }

  get now(): number {
    return this.scheduler.now;
  }

  get dataMachines(): readonly Machine[] {
    return [...this.machines.values()].filter((machine) => machine.parts.role === 'data');
  }

  machine(name: string): Machine {
    const found = this.machines.get(name);
    if (found === undefined) throw new Error(`There is no node ${name} in this scenario.`);
    return found;
  }

  hamnd(name: string): Hamnd | undefined {
    const found = this.#hamnds.get(name);
    return found?.process.alive === true ? found : undefined;
  }

  startHamnd(name: string): void {
    const machine = this.machine(name);
    if (this.hamnd(name) !== undefined || !machine.up) return;
    const hamnd = new Hamnd({
      machine,
      settings: this.configuration.knownBy(name),
      etcd: this.etcd,
      registry: this.registry,
      troubles: this.troubles.get(name) ?? noTroubles(),
      find: (node) => this.machines.get(node),
      whoHas: (asker, address) => this.#whoHas(asker, address),
      sent: (from, txn) => this.signals.emit({ kind: 'sent', machine: from, txn }),
      ran: (on, by, job) => this.signals.emit({ kind: 'ran', machine: on, by, job }),
      act: (acting, what) => this.signals.emit({ kind: 'act', machine: acting, what }),
      wrapPorts: (ports, owner) => this.#options.wrapPorts(ports, owner, this),
      switches: this.#switches,
      journal: (owner, event) => this.#journal(owner, event),
    });
    this.#hamnds.set(name, hamnd);
  }

  /** A machine that was off, or is reset, boots: systemd starts hamn-guard and hamnd. */
  powerOn(machine: Machine): void {
    if (machine.up) return;
    this.trace.add(machine.name, '* power-on');
    machine.powerOn();
    this.startHamnd(machine.name);
    this.etcd.quorum.look();
  }

  powerOff(machine: Machine): void {
    if (!machine.up) return;
    this.trace.add(machine.name, '* power-off');
    this.#hamnds.get(machine.name)?.kill();
    machine.powerOff();
    this.etcd.quorum.look();
  }

  /** A management controller has switched it off. */
  #fence(machine: Machine, by: string): void {
    if (!machine.up) return;
    this.trace.add(machine.name, `is switched off by ${by}`);
    if (machine.guard.view.state === 'armed')
      this.signals.emit({ kind: 'ended', machine, reason: `it was fenced by ${by}.` });
    this.powerOff(machine);
    // Once the faults are over an admin switches on what a fence of before has left off.
    if (this.now >= this.scenario.healAtMs) this.scheduler.in(adminMs, () => this.powerOn(machine));
  }

  readonly #switches: PowerSwitches = {
    trouble: (node) => this.switchTroubles.get(node),
    isUp: (node) => this.machine(node).up,
    off: (node, by) => this.#fence(this.machine(node), by),
    on: (node) => this.powerOn(this.machine(node)),
  };

  /** Off and on again: by a watchdog, or by a guard that could not make it harmless. */
  reset(machine: Machine): void {
    this.powerOff(machine);
    this.scheduler.in(this.random.between(1500, 4000), () => this.powerOn(machine));
  }

  #makeMachine(name: string, role: 'data' | 'witness', rate: number): Machine {
    const random = this.random.fork(name);
    return new Machine({
      name,
      role,
      clock: new MachineClock(() => this.scheduler.now, rate, random.between(10, 1_000_000)),
      scheduler: this.scheduler,
      random,
      trace: this.trace,
      network: this.network,
      branches: this.#branches,
      postgresDisk: emptyDisk(this.rootBranch),
      resources: roleResourcesOf(this.scenario),
      breaks: this.#options.breaks,
      find: (node) => this.machines.get(node),
      writable: (machine) => this.signals.emit({ kind: 'writable', machine }),
      acknowledged: (machine, lsn) => this.#acknowledge(machine, lsn),
      walGone: (machine, from) => this.signals.emit({ kind: 'wal-gone', machine, from: this.machine(from) }),
      cloning: (machine, from) => this.signals.emit({ kind: 'cloning', machine, from: this.machine(from) }),
      armed: (machine) => this.signals.emit({ kind: 'armed', machine }),
      ended: (machine, reason) => this.signals.emit({ kind: 'ended', machine, reason }),
      harmless: (machine) => this.signals.emit({ kind: 'harmless', machine }),
      topologyChanged: () => this.etcd.quorum.look(),
      unverified: (machine) => {
        if (this.scenario.onUnverified === 'reset') this.reset(machine);
        return this.scenario.onUnverified === 'reset';
      },
    });
  }

  /** Another machine on the segment whose kernel answers for the address: its processes may be frozen. */
  #whoHas(asker: string, address: string): string | undefined {
    for (const [name, machine] of this.machines) {
      if (name === asker || !machine.up || machine.paused || !machine.vips.has(address)) continue;
      if (this.network.connects(asker, name)) return `02:00:00:00:00:0${name.slice(1)}`;
    }
    return undefined;
  }

  #journal(machine: Machine, event: JournalEvent): void {
    const rule = event.rule === undefined ? '' : ` [${event.rule}]`;
    this.trace.add(machine.name, `${event.event}${rule} ${event.message}`);
    if (event.rule !== undefined)
      this.signals.emit({ kind: 'decided', machine, rule: event.rule, because: event.message });
  }
}
