import { waitFor } from '../cluster/wait-for.ts';
import { runInteractively } from '../lab/exec.ts';
import { LabError, type RunOptions, type RunResult } from '../lab/index.ts';
import type { Layout } from '../lab/layout.ts';
import { portDetach, portHeal } from '../lab/network.ts';
import { run } from '../lab/run.ts';
import { imageDirOf } from './image.ts';
import { QmpSession } from './qmp.ts';
import { dropConnection, sshCommand } from './ssh.ts';
import { imageKeyOf } from './vm-disk.ts';
import { type VmFiles, vmFiles } from './vm-layout.ts';
import { consoleTail, cutPower, pidOf, requireOn, startVm } from './vm-power.ts';

/** How many times longer than in the lab of namespaces a command may take: every instruction is emulated. */
const SLOWNESS = 6;
export const DEFAULT_LIMIT_MS = 10_000;
/** An emulated boot takes half a minute on an idle host, and ten times as long on a busy one. */
export const BOOT_LIMIT_MS = 900_000;

/** One virtual machine. All state is read from its files and its monitor, so any process may use it. */
export class VirtualMachine {
  readonly name: string;
  readonly #layout: Layout;
  readonly #files: VmFiles;

  constructor(layout: Layout, name: string) {
    this.name = name;
    this.#layout = layout;
    this.#files = vmFiles(layout, name);
  }

  get isOn(): boolean {
    return pidOf(this.#files) !== undefined;
  }

  /** Runs a command in the machine; its limit counts six-fold. A failing command is a result. */
  exec(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const timeoutMs = (options.timeoutMs ?? DEFAULT_LIMIT_MS) * SLOWNESS;
    return run(this.commandOf(argv), { ...options, timeoutMs });
  }

  /** @throws LabError `off` */
  commandOf(argv: readonly string[], terminal?: string): string[] {
    requireOn(this.#layout, this.name);
    const key = imageKeyOf(this.#files) ?? '';
    return sshCommand(this.#layout, this.name, imageDirOf(key), argv, terminal);
  }

  interactive(argv: readonly string[]): number {
    return runInteractively(this.commandOf(argv, process.env['TERM'] ?? 'dumb'));
  }

  /** Qemu is killed, and the guest's page cache with it. */
  powerOff(): Promise<void> {
    return cutPower(this.#layout, this.name);
  }

  /** Boots with the disk it has; returns when systemd is up. */
  async powerOn(): Promise<void> {
    await startVm(this.#layout, this.name);
    await this.waitForBoot();
  }

  /** The machine stands still, and so does its clock. */
  async pause(): Promise<void> {
    await this.monitor('stop');
  }

  async resume(): Promise<void> {
    await this.monitor('cont');
  }

  async isPaused(): Promise<boolean> {
    return JSON.stringify(await this.monitor('query-status')).includes('"paused"');
  }

  /** The reset button. */
  async reset(): Promise<void> {
    await this.monitor('system_reset');
    await this.forget();
  }

  /** The connection that commands share led to a system that is no more. */
  forget(): Promise<void> {
    return dropConnection(this.#layout, this.name);
  }

  /** The cable is pulled; the guest sees its carrier go. */
  async cut(): Promise<void> {
    await this.monitor('set_link', { name: 'segment-nic', up: false });
  }

  /** Frames are dropped both ways; the carrier stays. */
  isolate(): Promise<void> {
    return portDetach(this.#layout, this.name);
  }

  async heal(): Promise<void> {
    await this.monitor('set_link', { name: 'segment-nic', up: true });
    await portHeal(this.#layout, this.name);
  }

  /** A command of QEMU's monitor protocol. */
  async monitor(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    requireOn(this.#layout, this.name);
    const session = await QmpSession.open(this.#files.qmp);
    try {
      return await session.execute(command, args);
    } finally {
      session.close();
    }
  }

  /** A session that hears the machine's events from now on; close it. */
  listen(): Promise<QmpSession> {
    requireOn(this.#layout, this.name);
    return QmpSession.open(this.#files.events);
  }

  /**
   * Returns when systemd has finished starting; "degraded" (a unit failed) counts.
   * @throws LabError `boot` when it does not get there in time
   */
  async waitForBoot(): Promise<void> {
    let state = 'silent';
    const done = await waitFor(BOOT_LIMIT_MS, 500, async () => {
      if (!this.isOn) return false;
      const asked = await this.exec(['systemctl', 'is-system-running'], { timeoutMs: 5_000 });
      state = asked.stdout.trim() || asked.stderr.trim();
      return ['running', 'degraded'].includes(state) ? true : undefined;
    });
    if (done === true) return;
    const tail = consoleTail(this.#files);
    throw new LabError('boot', `Machine ${this.name} did not finish booting (${state}): ${tail}`);
  }
}
