import { type ChildProcess, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import type { GuardPlan } from '@hamn/core';
import { killControlGroup, processesIn } from '@hamn/linux';
import { createTestSegment, ip, type TestSegment, until } from '@hamn/linux/testing';

const hierarchy = existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';
const units = { postgres: 'postgresql@15-main.service', service: 'xcatd.service' } as const;

/** A real hamn-guard in a network namespace, with "units" that are control groups full of `sleep`. */
export class GuardBench {
  readonly segment: TestSegment;
  readonly directory: string = realpathSync(mkdtempSync(`${tmpdir()}/hamn-guard-`));
  readonly dataDirectory: string = `${this.directory}/data`;
  readonly controlGroups: string;
  readonly vip: string = '192.0.2.223';
  readonly vip6: string = '2001:db8::223';
  #guard: ChildProcess | undefined;
  #log = '';
  readonly #children: ChildProcess[] = [];
  readonly #groups: string[] = [];

  readonly #mountNamespace: string | undefined;

  /** With `mountNamespace` (a path below /proc) the guard runs in it. */
  constructor(name: string, mountNamespace?: string) {
    this.#mountNamespace = mountNamespace;
    this.segment = createTestSegment(name);
    this.controlGroups = `${hierarchy}/hamn-guard-test-${name}-${process.pid}`;
    mkdirSync(this.dataDirectory);
    copyFileSync('/bin/sleep', `${this.directory}/postgres`);
    for (const path of [
      '',
      '/system.slice',
      '/system.slice/system-postgresql.slice',
      `/system.slice/system-postgresql.slice/${units.postgres}`,
      `/system.slice/${units.service}`,
    ]) {
      mkdirSync(this.controlGroups + path);
      this.#groups.unshift(this.controlGroups + path);
    }
  }

  get plan(): GuardPlan {
    return {
      group: 'mn',
      units: [units.postgres, units.service],
      dataDirectory: this.dataDirectory,
      vips: [
        { address: this.vip, prefixLength: 24, interface: 'eth0' },
        { address: this.vip6, prefixLength: 64, interface: 'eth0' },
      ],
      mounts: [],
    };
  }

  get log(): string {
    return this.#log;
  }

  get guardPid(): number {
    return this.#guard?.pid ?? 0;
  }

  /** Ends when it serves. With `--watchdog` it has one that resets nothing. */
  async startGuard(...flags: readonly string[]): Promise<void> {
    const main = flags.includes('--watchdog') ? './guard-with-stand-in.ts' : '../process/main.ts';
    const guard = this.run(
      this.segment.here,
      process.execPath,
      [
        new URL(main, import.meta.url).pathname,
        '--directory',
        this.directory,
        '--control-groups',
        this.controlGroups,
        ...flags,
      ],
      'pipe',
    );
    this.#guard = guard;
    guard.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
    const socket = `${this.directory}/guard.sock`;
    await until('the guard is there', () => existsSync(socket) || guard.exitCode !== null, 25_000);
  }

  async killGuard(): Promise<void> {
    const guard = this.#guard;
    guard?.kill('SIGKILL');
    await until('the guard is dead', () => guard?.signalCode === 'SIGKILL');
    rmSync(`${this.directory}/guard.sock`, { force: true });
  }

  /** As systemd does it. */
  async stopGuard(): Promise<void> {
    const guard = this.#guard;
    guard?.kill('SIGTERM');
    await until('the guard has ended', () => guard?.exitCode !== null || guard?.signalCode !== null, 10_000);
    rmSync(`${this.directory}/guard.sock`, { force: true });
  }

  freezeGuard(): void {
    this.#guard?.kill('SIGSTOP');
  }

  /** Not by `ip netns exec`, which hides the control groups behind a /sys of its own. */
  run(
    namespace: string,
    command: string,
    args: readonly string[],
    stderr: 'pipe' | 'ignore' = 'ignore',
  ): ChildProcess {
    const mounts = this.#mountNamespace === undefined ? [] : [`--mount=${this.#mountNamespace}`];
    const child = spawn('nsenter', [`--net=/run/netns/${namespace}`, ...mounts, command, ...args], {
      stdio: ['ignore', stderr, stderr],
      cwd: this.directory,
    });
    this.#children.push(child);
    return child;
  }

  /** Processes in both units and both VIPs: what a primary looks like. */
  startRole(processes = 3): void {
    for (const [unit, command] of [
      [this.#groups[1], `${this.directory}/postgres`],
      [this.#groups[0], 'sleep'],
    ] as const) {
      for (let count = 0; count < processes; count += 1) this.startIn(unit, command);
    }
    this.addVips();
  }

  /** `group` undefined: outside of every unit. */
  startIn(group: string | undefined, command: string = `${this.directory}/postgres`): ChildProcess {
    const child = spawn(command, ['600'], { stdio: 'ignore', cwd: this.dataDirectory });
    this.#children.push(child);
    if (group !== undefined) writeFileSync(`${group}/cgroup.procs`, String(child.pid));
    return child;
  }

  get postgresGroup(): string {
    return `${this.controlGroups}/system.slice/system-postgresql.slice/${units.postgres}`;
  }

  addVips(): void {
    const has = this.addresses();
    if (!has.includes(this.vip))
      ip('-n', this.segment.here, 'address', 'add', `${this.vip}/24`, 'dev', 'eth0');
    if (!has.includes(this.vip6))
      ip('-n', this.segment.here, 'address', 'add', `${this.vip6}/64`, 'dev', 'eth0', 'nodad');
  }

  addresses(): string {
    return ip('-n', this.segment.here, '-o', 'address', 'show', 'dev', 'eth0');
  }

  running(): number {
    return processesIn(this.controlGroups).length;
  }

  harmless(): boolean {
    const addresses = this.addresses();
    return this.running() === 0 && !addresses.includes(this.vip) && !addresses.includes(this.vip6);
  }

  async clear(): Promise<void> {
    for (const child of this.#children.splice(0)) child.kill('SIGKILL');
    killControlGroup(this.controlGroups);
    await until('all are gone', () => this.running() === 0);
    for (const name of [
      'guard.json',
      'guard-plan.json',
      'guard-notes.json',
      'guard.sock',
      'term-deadline',
      'watchdog.log',
      'watchdog.json',
      'data/standby.signal',
    ])
      rmSync(`${this.directory}/${name}`, { force: true });
    for (const address of [`${this.vip}/24`, `${this.vip6}/64`]) {
      if (this.addresses().includes(address))
        ip('-n', this.segment.here, 'address', 'delete', address, 'dev', 'eth0');
    }
    this.#log = '';
  }

  async remove(): Promise<void> {
    await this.clear();
    for (const group of this.#groups) rmdirSync(group);
    rmSync(this.directory, { recursive: true, force: true });
    this.segment.remove();
  }
}
