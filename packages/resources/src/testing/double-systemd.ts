import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { done, fail, ok, type Result, type UnitView } from '@hamn/core';
import type { Permit, TransientEnd, TransientPort, TransientUnit, UnitFailure, UnitPort } from '@hamn/engine';
import { termOver } from '@hamn/engine';
import { killControlGroup, processesIn } from '@hamn/linux';
import { until } from '@hamn/linux/testing';

const hierarchy = existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';

interface Unit {
  active: UnitView['active'];
  child: ChildProcess | undefined;
  stopped: boolean;
}

/**
 * Stands in for systemd where the tests' machine has none: real processes in real control groups at systemd's places, and nothing of D-Bus. For
 * the real one see test/integration/resources.
 */
export class DoubleSystemd implements UnitPort, TransientPort {
  /** What was run, in order: unit and command. */
  readonly ran: { readonly name: string; readonly unit: TransientUnit }[] = [];
  /** Units of the system, by their program. */
  readonly files: Map<string, readonly [string, ...string[]]> = new Map();
  /** So many more times a unit is seen on its way up, as while somebody restarts it. */
  readonly comingUp: Map<string, number> = new Map();
  /** Units that are remembered as hamn's, and those for which the question whether they still are ends so. */
  readonly owned: Set<string> = new Set();
  readonly taken: Map<string, UnitFailure> = new Map();
  /** Units whose ownership was asked about, in order. */
  readonly asked: string[] = [];
  readonly #units = new Map<string, Unit>();

  async observe(names: readonly string[]): Promise<Result<readonly UnitView[], UnitFailure>> {
    return ok(
      names.map((unit) => ({
        unit,
        loaded: this.files.has(unit) || this.#units.has(unit),
        active: this.#seen(unit),
        sub: 'double',
        enabled: false,
        result: 'success',
      })),
    );
  }

  async start(name: string, _: number, permit: Permit): Promise<Result<undefined, UnitFailure>> {
    const command = this.files.get(name);
    if (command === undefined) return fail('no-such-unit', `systemd knows no usable unit ${name}.`);
    if (this.#activeOf(name) === 'active') return done;
    await this.#emptied(name);
    if (!permit()) return termOver(`${name} was started`);
    const child = this.#spawn(name, command, {}, 'ignore');
    this.#units.set(name, { active: 'active', child, stopped: false });
    await until(`${name} runs in its group`, () => processesIn(groupOf(name)).length > 0);
    return done;
  }

  async stop(name: string): Promise<Result<undefined, UnitFailure>> {
    const unit = this.#units.get(name);
    if (unit !== undefined) {
      unit.stopped = true;
      unit.active = 'inactive';
    }
    await this.#emptied(name);
    return done;
  }

  async own(name: string): Promise<Result<undefined, UnitFailure>> {
    this.asked.push(name);
    const code = this.taken.get(name);
    return code === undefined ? done : fail(code, `${name} still has Restart=always.`);
  }

  async wasOwned(name: string): Promise<boolean> {
    return this.owned.has(name);
  }

  watch(): void {}

  async startTransient(
    name: string,
    given: TransientUnit,
    timeoutMs: number,
    permit: Permit,
  ): Promise<Result<TransientEnd, UnitFailure>> {
    await this.stop(name);
    if (!permit()) return termOver(`${given.command[0]} was run`);
    this.ran.push({ name, unit: given });
    const secret = given.environmentFile === undefined ? {} : readEnvironment(given.environmentFile);
    const output = openSync(given.outputFile, 'wx', 0o600);
    const child = this.#spawn(name, given.command, { ...given.environment, ...secret }, output);
    closeSync(output);
    const unit: Unit = { active: 'activating', child, stopped: false };
    this.#units.set(name, unit);
    let isLate = false;
    const timer = setTimeout(
      () => {
        isLate = true;
        killControlGroup(groupOf(name));
      },
      Math.min(given.limitMs, timeoutMs),
    );
    const code = await new Promise<number | NodeJS.Signals>((resolve) => {
      child.on('exit', (number, signal) => resolve(number ?? signal ?? 'SIGKILL'));
    });
    clearTimeout(timer);
    if (code === 0 && given.remains && !unit.stopped) unit.active = 'active';
    else await this.#emptied(name);
    if (unit.stopped) return ok({ kind: 'stopped' });
    if (unit.active !== 'active') unit.active = code === 0 ? 'inactive' : 'failed';
    if (isLate) return ok({ kind: 'timeout' });
    return ok(typeof code === 'number' ? { kind: 'exited', code } : { kind: 'signalled', signal: 9 });
  }

  mainOf(name: string): ChildProcess | undefined {
    return this.#units.get(name)?.child;
  }

  /** Ends all that was started. */
  async close(): Promise<void> {
    for (const name of this.#units.keys()) await this.stop(name);
  }

  #seen(name: string): UnitView['active'] {
    const left = this.comingUp.get(name) ?? 0;
    this.comingUp.set(name, left - 1);
    return left > 0 ? 'activating' : this.#activeOf(name);
  }

  #activeOf(name: string): UnitView['active'] {
    const unit = this.#units.get(name);
    if (unit === undefined) return 'inactive';
    const hasEnded = unit.child?.exitCode !== null || unit.child.signalCode !== null;
    if (this.files.has(name) && unit.active === 'active' && hasEnded) return 'failed';
    return unit.active;
  }

  /** A shell enters the group before it becomes the program, so that no child of it is outside. */
  #spawn(
    name: string,
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    output: number | 'ignore',
  ): ChildProcess {
    const group = groupOf(name);
    mkdirSync(group, { recursive: true });
    const enter = 'echo $$ >"$0/cgroup.procs" && exec "$@"';
    return spawn('/bin/sh', ['-c', enter, group, ...command], {
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
      stdio: ['ignore', output, output],
    });
  }

  async #emptied(name: string): Promise<void> {
    const group = groupOf(name);
    if (!existsSync(group)) return;
    await until(`the group of ${name} is empty`, () => {
      killControlGroup(group);
      return processesIn(group).length === 0;
    });
    await until(`the group of ${name} is gone`, () => removed(group));
    removed(dirname(group));
  }
}

export const groupOf = (name: string): string => join(hierarchy, 'system.slice', name);

function removed(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return !existsSync(group);
  }
}

/** As systemd reads EnvironmentFile=: double quotes, a backslash before what has a meaning in them. */
const readEnvironment = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...readFileSync(path, 'utf8').matchAll(/^(\w+)="((?:[^"\\]|\\[\s\S])*)"$/gm)].map(
      ([, name = '', value = '']) => [name, value.replaceAll(/\\([\s\S])/g, '$1')],
    ),
  );
