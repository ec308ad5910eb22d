import { fail, type Result } from '@hamn/core';
import type { ClockPort, TransientPort, UnitFailure, UnitPort } from '@hamn/engine';
import { Changes } from './changes.ts';
import { Manager } from './manager.ts';
import { ManagerConnection } from './manager-connection.ts';
import { UnitObserver } from './observe-units.ts';
import { ownUnit, type PostgresGate, wasOwned } from './own-unit.ts';
import { startUnit } from './start-unit.ts';
import { stopUnit } from './stop-unit.ts';
import { startTransient } from './transient/start-transient.ts';

export interface UnitsOptions {
  /** PostgreSQL's units with their data directories: `own` puts the gate in front of them. */
  readonly gates?: readonly PostgresGate[];
  readonly gateCommand?: string;
  readonly busAddress?: string;
  readonly runtimeDirectory?: string;
  readonly persistentDirectory?: string;
}

export interface Units extends UnitPort, TransientPort {
  /**
   * The type of the unit's present job, if it has one. A daemon that got SIGTERM asks it about its own unit: `restart` (an upgrade, an
   * administrator's restart) is no reason to give the role up, `stop` is.
   */
  jobType(unit: string, timeoutMs: number): Promise<Result<string | undefined, UnitFailure>>;
  /** Ends the connection. */
  close(): void;
}

/** Connects at once and for ever; needs root. No call throws, each ends within its limit. */
export function createUnits(options: UnitsOptions, deps: { readonly clock: ClockPort }): Units {
  const { clock } = deps;
  const changes = new Changes({ clock, onStale: (unit) => observer.forget(unit) });
  const connection = new ManagerConnection(
    { address: options.busAddress ?? 'unix:path=/run/systemd/private' },
    { clock, onSignal: (signal) => changes.take(signal), onConnect: () => changes.reconnected() },
  );
  const manager = new Manager(connection);
  const observer = new UnitObserver({ manager, changes, clock });
  const unitDeps = { manager, changes, clock };
  const own = {
    gates: options.gates ?? [],
    gateCommand: options.gateCommand ?? '/usr/lib/hamn/pg-gate',
    runtimeDirectory: options.runtimeDirectory ?? '/run/systemd/system',
    persistentDirectory: options.persistentDirectory ?? '/etc/systemd/system',
  };
  connection.open();
  return {
    observe: (units, timeoutMs) => caught(observer.observe(units, timeoutMs)),
    start: (unit, timeoutMs, permit) => caught(startUnit(unitDeps, unit, timeoutMs, permit)),
    stop: (unit, timeoutMs) => caught(stopUnit(unitDeps, unit, timeoutMs)),
    startTransient: (name, unit, timeoutMs, permit) =>
      caught(startTransient(unitDeps, name, unit, timeoutMs, permit)),
    own: (unit, timeoutMs) => caught(ownUnit(unitDeps, own, unit, timeoutMs)),
    wasOwned: (unit) => wasOwned(own, unit, observer.ownedAs(unit)),
    watch: (onChange) => changes.watch(onChange),
    jobType: (unit, timeoutMs) => caught(manager.jobType(unit, timeoutMs)),
    close: () => connection.close(),
  };
}

/** Exceptions stop here: one that nobody foresaw is a failure with its text. */
const caught = <T>(call: Promise<Result<T, UnitFailure>>): Promise<Result<T, UnitFailure>> =>
  call.catch((error: unknown) =>
    fail('failed', `systemd could not be asked: ${error instanceof Error ? error.message : String(error)}`),
  );
