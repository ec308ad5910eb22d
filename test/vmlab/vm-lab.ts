import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../cluster/wait-for.ts';
import { copyBy, runInteractively, writeFileBy } from '../lab/exec.ts';
import {
  DEFAULT_NODES,
  LabError,
  machineOf,
  NODE_NAMES,
  type RunOptions,
  type RunResult,
} from '../lab/index.ts';
import { type Layout, layoutOf, STATE_ROOT } from '../lab/layout.ts';
import { withLock } from '../lab/lock.ts';
import { inNetns, linkOf, makeSwitch, portDetach, portHeal, removeSwitch } from '../lab/network.ts';
import { describeFailure, run } from '../lab/run.ts';
import { ensureImage, imageDirOf, imageKey } from './image.ts';
import { QmpSession } from './qmp.ts';
import { sshCommand } from './ssh.ts';
import { makeControlNetwork } from './taps.ts';
import { DEFAULT_VMLAB_NAME, vmFiles } from './vm-layout.ts';
import {
  consoleTail,
  cutPower,
  imageKeyOf,
  makeDisk,
  pidOf,
  poweredOnAt,
  requireOn,
  startVm,
  wipeDisk,
} from './vm-power.ts';

export type VmLabOptions = {
  /** Default: the environment's HAMN_VMLAB, else "hamnvm". Labs of different names run side by side. */
  readonly name?: string;
  /** Receives progress lines. Default: none. */
  readonly log?: (line: string) => void;
};

export type VmStatus = {
  readonly node: string;
  readonly power: 'on' | 'paused' | 'off';
  readonly link: string;
  readonly ipv4: string;
  readonly pid: number | undefined;
  readonly since: Date | undefined;
};

/** How many times longer than in the lab of namespaces a command may take: every instruction is emulated. */
const SLOWNESS = 6;
const DEFAULT_LIMIT_MS = 10_000;
const BOOT_LIMIT_MS = 300_000;
const LOCK_WAIT_MS = 120_000;

/**
 * Debian in virtual machines, on the lab's own switch and with the lab's client and observer. Slower than the lab of namespaces by far,
 * but each machine has a kernel, a disk and a page cache of its own.
 */
export class VmLab {
  readonly layout: Layout;
  readonly #log: (line: string) => void;

  constructor(options: VmLabOptions = {}) {
    this.layout = layoutOf(options.name ?? process.env['HAMN_VMLAB'] ?? DEFAULT_VMLAB_NAME);
    this.#log = options.log ?? (() => undefined);
  }

  /** Makes image, switch and disks, powers on what is off, and ends pauses and cuts of the others. `fresh`: with empty disks. */
  async up(
    nodes: readonly string[] = DEFAULT_NODES,
    options: { readonly fresh?: boolean } = {},
  ): Promise<void> {
    for (const node of nodes) machineOf(node);
    await ensureImage(this.layout, this.#log);
    await this.#exclusively(`vmlab up ${nodes.join(' ')}`, async () => {
      if (options.fresh === true) for (const node of this.#known()) await this.#wipe(node);
      await makeSwitch(this.layout);
      await makeControlNetwork(this.layout);
      await Promise.all(nodes.map((node) => this.#nodeUp(node)));
    });
  }

  /** Powers all off and removes every process and namespace. The disks stay unless `wipe`. */
  async down(options: { readonly wipe?: boolean } = {}): Promise<void> {
    await this.#exclusively('vmlab down', async () => {
      for (const node of this.#known()) {
        await cutPower(this.layout, node);
        if (options.wipe === true) wipeDisk(vmFiles(this.layout, node));
      }
      await removeSwitch(this.layout);
    });
    if (options.wipe === true) rmSync(this.layout.labDir, { recursive: true, force: true });
    this.#log(
      options.wipe === true
        ? 'all is down, and the disks are gone'
        : 'all is down; the disks stay for the next up',
    );
  }

  /** One entry for each machine that has a disk. */
  async status(): Promise<VmStatus[]> {
    return Promise.all(
      this.#known().map(async (node) => {
        const files = vmFiles(this.layout, node);
        const pid = pidOf(files);
        return {
          node,
          power:
            pid === undefined
              ? ('off' as const)
              : (await this.#isPaused(node))
                ? ('paused' as const)
                : ('on' as const),
          link: await linkOf(this.layout, node),
          ipv4: machineOf(node).ipv4,
          pid,
          since: pid === undefined ? undefined : poweredOnAt(files),
        };
      }),
    );
  }

  isOn(node: string): boolean {
    return pidOf(vmFiles(this.layout, machineOf(node).name)) !== undefined;
  }

  /** Runs a command in the machine. Default limit 10 s; every limit counts six-fold here. A failing command is a result. */
  exec(node: string, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const timeoutMs = (options.timeoutMs ?? DEFAULT_LIMIT_MS) * SLOWNESS;
    return run(this.commandIn(node, argv), { ...options, timeoutMs });
  }

  /** As `exec`, for a command that must succeed; gives its standard output. @throws LabError `exec-failed` */
  async mustExec(node: string, argv: readonly string[], options: RunOptions = {}): Promise<string> {
    const result = await this.exec(node, argv, options);
    if (result.code === 0) return result.stdout;
    const limitMs = (options.timeoutMs ?? DEFAULT_LIMIT_MS) * SLOWNESS;
    throw new LabError('exec-failed', `On ${node}: ${describeFailure(argv, result, limitMs)}`);
  }

  /** The command line that does what `exec` does, for those who spawn it themselves. */
  commandIn(node: string, argv: readonly string[], terminal?: string): string[] {
    requireOn(this.layout, node);
    const key = imageKeyOf(vmFiles(this.layout, node)) ?? '';
    return sshCommand(this.layout, node, imageDirOf(key), argv, terminal);
  }

  /** A shell, or another command, on this process's terminal; gives its exit code. */
  interactive(node: string, argv: readonly string[] = ['bash', '-l']): number {
    return runInteractively(this.commandIn(node, argv, process.env['TERM'] ?? 'dumb'));
  }

  /** The command line that runs a program of the host on the segment, as the client 10.99.0.100. */
  clientCommand(argv: readonly string[]): string[] {
    return inNetns(this.layout.clientNetns, argv);
  }

  observerCommand(argv: readonly string[]): string[] {
    return inNetns(this.layout.observerNetns, argv);
  }

  async writeFile(node: string, path: string, text: string, mode?: number): Promise<void> {
    await writeFileBy((argv, options) => this.mustExec(node, argv, options), path, text, mode);
  }

  async copyIn(node: string, hostPath: string, path: string): Promise<void> {
    await copyBy((argv) => this.commandIn(node, argv), node, hostPath, path, 120_000 * SLOWNESS);
  }

  /** The plug is pulled: qemu is killed, and the guest's page cache with it. */
  async powerOff(node: string): Promise<void> {
    requireOn(this.layout, node);
    await cutPower(this.layout, node);
  }

  /** Boots the machine with the disk it has; returns when systemd is up. */
  async powerOn(node: string): Promise<void> {
    await startVm(this.layout, machineOf(node).name);
    await this.waitForBoot(node);
  }

  /** The machine stands still, and so does its clock. */
  async pause(node: string): Promise<void> {
    await this.monitor(node, 'stop');
  }

  async resume(node: string): Promise<void> {
    await this.monitor(node, 'cont');
  }

  /** The reset button. */
  async reset(node: string): Promise<void> {
    await this.monitor(node, 'system_reset');
  }

  /** The cable is pulled; the guest sees its carrier go. */
  async cut(node: string): Promise<void> {
    await this.monitor(node, 'set_link', { name: 'segment-nic', up: false });
  }

  /** Frames are dropped both ways; the carrier stays. */
  async isolate(node: string): Promise<void> {
    await portDetach(this.layout, machineOf(node).name);
  }

  /** Ends `cut` and `isolate`. */
  async heal(node: string): Promise<void> {
    await this.monitor(node, 'set_link', { name: 'segment-nic', up: true });
    await portHeal(this.layout, machineOf(node).name);
  }

  /** A command of QEMU's monitor protocol. */
  async monitor(
    node: string,
    command: string,
    args: Readonly<Record<string, unknown>> = {},
  ): Promise<unknown> {
    requireOn(this.layout, node);
    const session = await QmpSession.open(vmFiles(this.layout, node).qmp);
    try {
      return await session.execute(command, args);
    } finally {
      session.close();
    }
  }

  /** A session that hears the machine's events from now on; close it. */
  listen(node: string): Promise<QmpSession> {
    requireOn(this.layout, node);
    return QmpSession.open(vmFiles(this.layout, node).events);
  }

  /** The running kernel's boot id; undefined while the machine does not answer. */
  async bootId(node: string): Promise<string | undefined> {
    const asked = await this.exec(node, ['cat', '/proc/sys/kernel/random/boot_id']);
    return asked.code === 0 ? asked.stdout.trim() : undefined;
  }

  /**
   * Returns when systemd has finished starting; "degraded" (a unit failed) counts.
   * @throws LabError `boot` when it does not get there in time
   */
  async waitForBoot(node: string): Promise<void> {
    let state = 'silent';
    const done = await waitFor(BOOT_LIMIT_MS, 500, async () => {
      if (!this.isOn(node)) return false;
      const asked = await this.exec(node, ['systemctl', 'is-system-running'], { timeoutMs: 5_000 });
      state = asked.stdout.trim() || asked.stderr.trim();
      return ['running', 'degraded'].includes(state) ? true : undefined;
    });
    if (done === true) return;
    const files = vmFiles(this.layout, node);
    throw new LabError('boot', `Machine ${node} did not finish booting (${state}): ${consoleTail(files)}`);
  }

  /** Powers the machine off and throws its disk away. */
  async wipe(node: string): Promise<void> {
    await this.#exclusively(`vmlab wipe ${node}`, () => this.#wipe(machineOf(node).name));
  }

  async #wipe(node: string): Promise<void> {
    await cutPower(this.layout, node);
    wipeDisk(vmFiles(this.layout, node));
  }

  async #nodeUp(node: string): Promise<void> {
    if (this.isOn(node)) {
      if (await this.#isPaused(node)) await this.resume(node);
      await this.heal(node);
      await this.waitForBoot(node);
      this.#log(`${node} is on already`);
      return;
    }
    if (await makeDisk(this.layout, node, imageKey())) this.#log(`${node} starts with an empty disk`);
    const start = performance.now();
    await this.powerOn(node);
    this.#log(
      `${node} is up (${machineOf(node).ipv4}, ${((performance.now() - start) / 1000).toFixed(1)} s)`,
    );
  }

  async #isPaused(node: string): Promise<boolean> {
    const said = JSON.stringify(await this.monitor(node, 'query-status'));
    return said.includes('"paused"');
  }

  /** The machines that have a directory on the host, in the order of their addresses. */
  #known(): string[] {
    const dir = join(this.layout.labDir, 'nodes');
    const there = existsSync(dir) ? readdirSync(dir) : [];
    return NODE_NAMES.filter((name) => there.includes(name));
  }

  #exclusively<T>(purpose: string, work: () => Promise<T>): Promise<T> {
    return withLock(join(STATE_ROOT, 'labs', `${this.layout.labName}.lock`), purpose, LOCK_WAIT_MS, work);
  }
}
