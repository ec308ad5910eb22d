import { after, type GroupSettings, type GuardRecord, nodeId, type StoreTxn } from '@hamn/core';
import { Engine, type JournalEvent, type Ports } from '@hamn/engine';
import type { Etcd } from '../etcd/etcd.ts';
import { SimStore, type StoreTroubles } from '../etcd/sim-store.ts';
import { SimGuard } from '../guard/sim-guard.ts';
import { SimResources } from '../kernel/sim-resources.ts';
import { SimUnits } from '../kernel/sim-units.ts';
import { SimVip } from '../kernel/sim-vip.ts';
import { SimLocal } from '../machine/disk.ts';
import type { Machine } from '../machine/machine.ts';
import type { Process } from '../machine/process.ts';
import { SimPostgres } from '../postgres/sim-postgres.ts';
import { SimClock } from './sim-clock.ts';
import { type PowerSwitches, SimFencing } from './sim-fencing.ts';
import { type PeerRegistry, SimPeers } from './sim-peers.ts';

export interface HamndParts {
  readonly machine: Machine;
  readonly settings: GroupSettings;
  readonly etcd: Etcd;
  readonly registry: PeerRegistry;
  readonly troubles: StoreTroubles;
  readonly find: (node: string) => Machine | undefined;
  readonly whoHas: (asker: string, address: string) => string | undefined;
  readonly switches: PowerSwitches;
  readonly sent: (machine: Machine, txn: StoreTxn) => void;
  /** An act that only a holder may do, as it is issued. */
  readonly act: (machine: Machine, what: string) => void;
  /** A job came to its end. */
  readonly ran: (machine: Machine, by: Process, job: string) => void;
  /** A planted bug may stand before a port. */
  readonly wrapPorts: (ports: Ports, machine: Machine) => Ports;
  readonly journal: (machine: Machine, event: JournalEvent) => void;
}

const guardAnswerMs = 200;

/** One life of hamnd on one machine: the start sequence of the daemon, then the real engine. */
export class Hamnd {
  readonly process: Process;
  readonly #parts: HamndParts;
  #engine: Engine | undefined;

  constructor(parts: HamndParts) {
    this.#parts = parts;
    const { machine } = parts;
    this.process = machine.newProcess('hamnd', true);
    machine.hamnd = this.process;
    this.process.in(machine.parts.random.between(80, 350), () => this.#begin());
  }

  get engine(): Engine | undefined {
    return this.process.alive ? this.#engine : undefined;
  }

  kill(): void {
    this.process.kill();
    this.#engine = undefined;
  }

  #begin(): void {
    const { machine, settings } = this.#parts;
    const ports = this.#ports();
    const start = (resume: Parameters<Engine['start']>[0]): void => {
      machine.note(`hamnd: starts${resume === undefined ? '' : ` and resumes term ${resume.token}`}`);
      const identity = { version: 'sim', bootId: `boot-${machine.boots}` };
      this.#engine = new Engine({ me: nodeId(machine.name), settings, identity }, ports);
      this.#engine.start(resume);
    };
    if (machine.parts.role === 'witness') return start(undefined);
    ports.guard.observe(guardAnswerMs).then(
      (guard) => {
        const record = guard.ok && guard.value.state === 'armed' ? guard.value.record : undefined;
        const ahead = record !== undefined && record.deadline > ports.clock.now();
        start(ahead && !machine.parts.breaks.neverResumes ? record : this.#anyTerm());
      },
      () => start(undefined),
    );
  }

  /** A planted bug: the last term is resumed though the guard does not hold it any more. */
  #anyTerm(): GuardRecord | undefined {
    const { machine } = this.#parts;
    const { record } = machine.guard.view;
    if (!machine.parts.breaks.resumesAnyTerm || record === undefined) return undefined;
    return { ...record, deadline: after(machine.parts.clock.now(), record.termMs / 2) };
  }

  #ports(): Ports {
    const { machine, settings, etcd, registry, troubles, find, whoHas, act, sent, ran, journal } =
      this.#parts;
    const { clock, random, network, scheduler, name, role } = machine.parts;
    const process = this.process;
    const fork = (label: string) => random.fork(`${label}${scheduler.now}`);
    const watch = (run: () => void): void => machine.watch(process, run);
    const acts = (what: string): void => act(machine, what);
    // Some microseconds; a process that is stopped just there does its act when it goes on.
    const gap = (run: () => void): void => {
      const lookedAt = scheduler.now;
      process.in(random.between(0.005, 0.03), () => {
        if (scheduler.now > lookedAt + 1) machine.actedLateAt = scheduler.now;
        run();
      });
    };
    const toWorldMs = (ms: number): number => clock.toWorld(ms);
    const ports: Ports = {
      clock: new SimClock(
        clock,
        process,
        fork('clock'),
        `${name}.${machine.boots}.${Math.round(scheduler.now)}`,
      ),
      store: new SimStore({
        me: name,
        etcd,
        process,
        network,
        scheduler,
        random: fork('store'),
        troubles,
        toWorldMs,
        isWitness: (host) => find(host)?.parts.role === 'witness',
        sent: (txn) => sent(machine, txn),
      }),
      peers: new SimPeers({
        me: nodeId(name),
        process,
        network,
        registry,
        machineRuns: (node) => find(node)?.runs === true,
        toWorldMs,
        random: fork('peers'),
        twiceShare: () => troubles.twiceShare,
      }),
      fencing: new SimFencing({
        me: name,
        process,
        clock,
        random: fork('fencing'),
        scheduler,
        switches: this.#parts.switches,
      }),
      guard: new SimGuard({
        model: machine.guard,
        process,
        clock,
        random: fork('guard'),
        makeHarmless: (by, plan) => machine.makeHarmless(by, plan),
        twiceShare: () => troubles.twiceShare,
      }),
      postgres:
        role === 'witness'
          ? undefined
          : new SimPostgres({
              server: machine.server,
              process,
              clock,
              random: fork('postgres'),
              watch,
              act: acts,
              gap,
              mayStartAsPrimary: () => machine.guard.permits,
            }),
      vip: new SimVip({
        kernel: machine.vips,
        process,
        clock,
        random: fork('vip'),
        whoHas: (address) => whoHas(name, address),
        linkUp: machine.linkUp,
        watch,
        act: acts,
        gap,
      }),
      units: new SimUnits({
        model: machine.units,
        process,
        clock,
        random: fork('units'),
        postgresUnit: { name: settings.postgres?.unit ?? '', active: machine.postgresActive },
        watch,
        act: acts,
      }),
      resources:
        role === 'witness'
          ? undefined
          : new SimResources({
              model: machine.units,
              process,
              clock,
              random: fork('resources'),
              act: acts,
              ran: (job) => ran(machine, process, job),
              worldNow: () => machine.parts.scheduler.now,
            }),
      local: new SimLocal(machine.local, process, fork('local')),
      journal: { write: (event) => journal(machine, event) },
    };
    return this.#parts.wrapPorts(ports, machine);
  }
}
