import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { diskBase } from '../lab/disk.ts';
import { copyBy, runInteractively, writeFileBy } from '../lab/exec.ts';
import {
  DEFAULT_NODES,
  Lab,
  LabError,
  machineOf,
  NODE_NAMES,
  type RunOptions,
  type RunResult,
} from '../lab/index.ts';
import { type Layout, STATE_ROOT } from '../lab/layout.ts';
import { withLock } from '../lab/lock.ts';
import { linkOf, makeSwitch } from '../lab/network.ts';
import type { Release } from '../lab/releases.ts';
import { describeFailure } from '../lab/run.ts';
import { addFurtherDisk, moveFurtherDisk } from './further-disks.ts';
import { ensureImage, imageKey } from './image.ts';
import { makeControlNetwork } from './taps.ts';
import { DEFAULT_LIMIT_MS, VirtualMachine } from './virtual-machine.ts';
import { isVm, makeDisk, moveDisk, wipeDisk } from './vm-disk.ts';
import { DEFAULT_VMLAB_NAME, vmFiles } from './vm-layout.ts';
import { pidOf, requireOff } from './vm-power.ts';

export type VmLabOptions = {
  /** Default: the environment's HAMN_VMLAB, else "hamnvm". Labs of different names run side by side. */
  readonly name?: string;
  /** Receives progress lines. Default: none. */
  readonly log?: (line: string) => void;
};

export type VmStatus = {
  readonly node: string;
  readonly kind: 'vm' | 'namespaces';
  readonly power: string;
  readonly link: string;
  readonly ipv4: string;
};

const LOCK_WAIT_MS = 120_000;
const COPY_LIMIT_MS = 600_000;

/**
 * Debian in virtual machines, on the lab's own switch and with the lab's client and observer. Slower than the lab of namespaces by far,
 * but each has a kernel, a disk and a page cache of its own. Nodes of the lab of namespaces may stand on the same switch: what a proof
 * does not need to be slow can be quick.
 */
export class VmLab {
  readonly namespaces: Lab;
  readonly layout: Layout;
  readonly release: Release;
  readonly #log: (line: string) => void;

  constructor(options: VmLabOptions = {}) {
    this.#log = options.log ?? (() => undefined);
    const name = options.name ?? process.env['HAMN_VMLAB'] ?? DEFAULT_VMLAB_NAME;
    this.namespaces = new Lab({ name, release: 'bookworm', log: this.#log });
    this.layout = this.namespaces.layout;
    this.release = this.namespaces.release;
  }

  /**
   * Makes what is missing, powers on what is off, and ends pauses and cuts. A node without a disk becomes a virtual machine. `fresh`: all
   * start with empty disks.
   */
  async up(
    nodes: readonly string[] = DEFAULT_NODES,
    options: { readonly fresh?: boolean } = {},
  ): Promise<void> {
    for (const node of nodes) machineOf(node);
    await ensureImage(this.layout, this.#log);
    if (options.fresh === true) await this.down({ wipe: true });
    const quick = nodes.filter((node) => diskBase(this.layout, node) !== undefined);
    if (quick.length > 0) await this.namespaces.up(quick);
    await this.#exclusively(`vmlab up ${nodes.join(' ')}`, async () => {
      await makeSwitch(this.layout);
      await makeControlNetwork(this.layout);
      await Promise.all(nodes.filter((node) => !quick.includes(node)).map((node) => this.#vmUp(node)));
    });
  }

  /** Turns nodes of the lab of namespaces into virtual machines that go on where those stood. They are off afterwards. */
  async move(nodes: readonly string[]): Promise<void> {
    await ensureImage(this.layout, this.#log);
    for (const node of nodes) if (await this.namespaces.isOn(node)) await this.namespaces.powerOff(node);
    await this.#exclusively(`vmlab move ${nodes.join(' ')}`, async () => {
      for (const node of nodes) await moveDisk(this.layout, node, imageKey());
    });
  }

  /** An empty disk for a virtual machine that is off: /dev/vdb is the first by name, /dev/vdc the next. */
  addDisk(node: string, name: string, mb: number): void {
    requireOff(this.layout, node);
    addFurtherDisk(this.layout, machineOf(node).name, name, mb);
  }

  /** Both machines must be off. */
  giveDisk(name: string, from: string, to: string): void {
    for (const node of [from, to]) requireOff(this.layout, node);
    moveFurtherDisk(this.layout, name, machineOf(from).name, machineOf(to).name);
  }

  /** Powers a virtual machine off and throws its disks away. */
  async wipe(node: string): Promise<void> {
    await this.#exclusively(`vmlab wipe ${node}`, async () => {
      await new VirtualMachine(this.layout, machineOf(node).name).powerOff();
      wipeDisk(vmFiles(this.layout, node));
    });
  }

  /** Powers all off and removes every process and namespace. The disks stay unless `wipe`. */
  async down(options: { readonly wipe?: boolean } = {}): Promise<void> {
    await this.#exclusively('vmlab down', async () => {
      for (const node of this.#known()) await new VirtualMachine(this.layout, node).powerOff();
    });
    await this.namespaces.down(options);
  }

  /** One entry for each node that has a disk. */
  async status(): Promise<VmStatus[]> {
    const quick = await this.namespaces.status();
    return Promise.all(
      this.#known().map(async (node) => {
        const kind = isVm(this.layout, node) ? ('vm' as const) : ('namespaces' as const);
        const power =
          kind === 'vm'
            ? await this.#powerOf(node)
            : (quick.find((each) => each.node === node)?.power ?? 'off');
        return { node, kind, power, link: await linkOf(this.layout, node), ipv4: machineOf(node).ipv4 };
      }),
    );
  }

  /** A node that must be a virtual machine. @throws LabError `no-vm` */
  vm(node: string): VirtualMachine {
    if (isVm(this.layout, machineOf(node).name)) return new VirtualMachine(this.layout, node);
    throw new LabError('no-vm', `Node ${node} is no virtual machine. See 'npm run vmlab -- status'.`);
  }

  /** Runs a command in the node. Default limit 10 s; in a virtual machine every limit counts six-fold. A failing command is a result. */
  async exec(node: string, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#isVm(node) ? this.vm(node).exec(argv, options) : this.namespaces.exec(node, argv, options);
  }

  /** As `exec`, for a command that must succeed; gives its standard output. @throws LabError `exec-failed` */
  async mustExec(node: string, argv: readonly string[], options: RunOptions = {}): Promise<string> {
    const result = await this.exec(node, argv, options);
    if (result.code === 0) return result.stdout;
    const why = describeFailure(argv, result, options.timeoutMs ?? DEFAULT_LIMIT_MS);
    throw new LabError('exec-failed', `On ${node}: ${why}`);
  }

  /** A shell, or another command, on this process's terminal; gives its exit code. */
  async interactive(node: string, argv: readonly string[] = ['bash', '-l']): Promise<number> {
    return this.#isVm(node) ? this.vm(node).interactive(argv) : this.namespaces.interactive(node, argv);
  }

  /** The command line that runs a program of the host on the segment, as the client 10.99.0.100. */
  clientCommand(argv: readonly string[]): string[] {
    return this.namespaces.clientCommand(argv);
  }

  observerCommand(argv: readonly string[]): string[] {
    return this.namespaces.observerCommand(argv);
  }

  interactiveClient(argv: readonly string[]): number {
    return runInteractively(this.clientCommand(argv));
  }

  async writeFile(node: string, path: string, text: string, mode?: number): Promise<void> {
    await writeFileBy((argv, options) => this.mustExec(node, argv, options), path, text, mode);
  }

  async copyIn(node: string, hostPath: string, path: string): Promise<void> {
    if (!this.#isVm(node)) return this.namespaces.copyIn(node, hostPath, path);
    const vm = this.vm(node);
    return copyBy((argv) => vm.commandOf(argv), node, hostPath, path, COPY_LIMIT_MS);
  }

  /** The plug is pulled. In a virtual machine the page cache is lost. */
  powerOff(node: string): Promise<void> {
    return this.#at(node).powerOff(node);
  }

  /** Boots the node with the disk it has; returns when systemd is up. */
  powerOn(node: string): Promise<void> {
    return this.#at(node).powerOn(node);
  }

  pause(node: string): Promise<void> {
    return this.#at(node).pause(node);
  }

  resume(node: string): Promise<void> {
    return this.#at(node).resume(node);
  }

  cut(node: string): Promise<void> {
    return this.#at(node).cut(node);
  }

  isolate(node: string): Promise<void> {
    return this.#at(node).isolate(node);
  }

  heal(node: string): Promise<void> {
    return this.#at(node).heal(node);
  }

  /** The running kernel's boot id; undefined while the node does not answer. */
  async bootId(node: string): Promise<string | undefined> {
    const asked = await this.exec(node, ['cat', '/proc/sys/kernel/random/boot_id']);
    return asked.code === 0 ? asked.stdout.trim() : undefined;
  }

  /** Whoever inflicts a fault on this node. */
  #at(node: string): Pick<Lab, 'powerOff' | 'powerOn' | 'pause' | 'resume' | 'cut' | 'isolate' | 'heal'> {
    if (!this.#isVm(node)) return this.namespaces;
    const vm = this.vm(node);
    return {
      powerOff: () => vm.powerOff(),
      powerOn: () => vm.powerOn(),
      pause: () => vm.pause(),
      resume: () => vm.resume(),
      cut: () => vm.cut(),
      isolate: () => vm.isolate(),
      heal: () => vm.heal(),
    };
  }

  async #vmUp(node: string): Promise<void> {
    // A disk that was moved here stays, whatever the newest image is: the node's history is on it.
    if (!this.#isVm(node) && (await makeDisk(this.layout, node, imageKey())))
      this.#log(`${node} starts with an empty disk`);
    const vm = new VirtualMachine(this.layout, node);
    if (vm.isOn) {
      if (await vm.isPaused()) await vm.resume();
      await vm.heal();
      await vm.waitForBoot();
      this.#log(`${node} is on already`);
      return;
    }
    const start = performance.now();
    await vm.powerOn();
    this.#log(
      `${node} is up (${machineOf(node).ipv4}, ${((performance.now() - start) / 1000).toFixed(1)} s)`,
    );
  }

  async #powerOf(node: string): Promise<string> {
    if (pidOf(vmFiles(this.layout, node)) === undefined) return 'off';
    return (await new VirtualMachine(this.layout, node).isPaused()) ? 'paused' : 'on';
  }

  #isVm(node: string): boolean {
    return isVm(this.layout, machineOf(node).name);
  }

  /** The nodes that have a directory on the host, in the order of their addresses. */
  #known(): string[] {
    const dir = join(this.layout.labDir, 'nodes');
    const there = existsSync(dir) ? readdirSync(dir) : [];
    return NODE_NAMES.filter((name) => there.includes(name));
  }

  #exclusively<T>(purpose: string, work: () => Promise<T>): Promise<T> {
    return withLock(join(STATE_ROOT, 'labs', `${this.layout.labName}-vm.lock`), purpose, LOCK_WAIT_MS, work);
  }
}
