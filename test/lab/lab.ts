import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { baseKey, ensureBase, pruneBases } from './base.ts';
import { cgroupRoot, isFrozen, releaseCgroupRoot, removeCgroup } from './cgroup.ts';
import { diskBase, makeDisk, wipeDisk } from './disk.ts';
import * as nodeExec from './exec.ts';
import { removeFilters } from './filter.ts';
import {
  DEFAULT_LAB_NAME,
  DEFAULT_NODES,
  type Layout,
  layoutOf,
  machineOf,
  NODE_NAMES,
  nodeNetns,
  STATE_ROOT,
} from './layout.ts';
import { withLock } from './lock.ts';
import {
  inNetns,
  type Link,
  linkOf,
  makeSwitch,
  portDetach,
  portDown,
  portHeal,
  removeSwitch,
} from './network.ts';
import { bootIdOf, freeze, poweredOnAt, powerOff, powerOn, waitForBoot } from './power.ts';
import { killProcess, processOf } from './processes.ts';
import { defaultRelease, type Release, type ReleaseName, releaseOf } from './releases.ts';
import type { RunOptions, RunResult } from './run.ts';
import { initOf, nodeCgroup, requireOn, type Site } from './site.ts';
import type { Volume } from './volumes.ts';

export type LabOptions = {
  /** Labs of different names run side by side. Default: the environment's HAMN_LAB, else "hamnlab". */
  readonly name?: string;
  /** Debian's release on a node that starts with an empty disk. Default: the environment's HAMN_LAB_RELEASE, else bookworm. */
  readonly release?: ReleaseName;
  /** Parts of every node's disk that can be full or hang. Default: none; a disk without them is made anew. */
  readonly volumes?: readonly Volume[];
  /** Receives progress lines. Default: none. */
  readonly log?: (line: string) => void;
};

export type NodeStatus = {
  readonly node: string;
  readonly power: 'on' | 'off';
  readonly frozen: boolean;
  readonly link: Link;
  readonly ipv4: string;
  readonly initPid: number | undefined;
  readonly bootId: string | undefined;
  readonly since: Date | undefined;
};

/** The least time a second run waits for the first one's `up` or `down` to end. */
const LOCK_WAIT_MS = 120_000;
const RELEASE_LIMIT_MS = 10_000;

/**
 * Several real machines on one: systemd as PID 1 in namespaces, a disk each, one segment. All state is read back from the kernel and the
 * disk, so any number of processes can use one lab, and a crash of one of them leaves nothing that `up` or `down` would not clear.
 */
export class Lab {
  readonly layout: Layout;
  readonly release: Release;
  readonly #log: (line: string) => void;
  readonly #volumes: readonly Volume[];

  constructor(options: LabOptions = {}) {
    this.layout = layoutOf(options.name ?? process.env['HAMN_LAB'] ?? DEFAULT_LAB_NAME);
    this.release = options.release === undefined ? defaultRelease() : releaseOf(options.release);
    this.#log = options.log ?? (() => undefined);
    this.#volumes = options.volumes ?? [];
  }

  /** What all machines start from: made once on a host. `up` does it, too. @throws LabError `base` */
  async makeBase(): Promise<void> {
    await ensureBase(this.layout, this.release, this.#log);
  }

  /** Makes the base and the segment, powers on the nodes that are off, and ends freezes and cuts of the others. `fresh`: all of them start with an empty disk. */
  async up(
    nodes: readonly string[] = DEFAULT_NODES,
    options: { readonly fresh?: boolean } = {},
  ): Promise<void> {
    for (const node of nodes) machineOf(node);
    await this.makeBase();
    await this.#exclusively(`lab up ${nodes.join(' ')}`, async () => {
      if (options.fresh === true) for (const node of this.#known()) await this.#reset(node);
      await makeSwitch(this.layout);
      await removeFilters(this.layout);
      const site = await this.site();
      await Promise.all(nodes.map((node) => this.#nodeUp(site, node)));
      pruneBases(this.layout, isBaseInUse);
    });
  }

  /** Powers one node on if it is off; the segment must be up. */
  async nodeUp(node: string): Promise<void> {
    await this.up([node]);
  }

  /** Powers all off and removes every process, namespace, mount and control group. The disks stay unless `wipe`. */
  async down(options: { readonly wipe?: boolean } = {}): Promise<void> {
    await this.#exclusively('lab down', async () => {
      const site = await this.site();
      await Promise.all(this.#known().map((node) => powerOff(site, node)));
      await removeSwitch(this.layout);
      await removeCgroup(site.cgroup, RELEASE_LIMIT_MS);
      await releaseCgroupRoot();
      this.#log(
        options.wipe === true
          ? 'all is down, and the disks are gone'
          : 'all is down; the disks stay for the next up',
      );
      if (options.wipe === true) for (const node of this.#known()) wipeDisk(this.layout, node);
    });
    if (options.wipe === true) rmSync(this.layout.labDir, { recursive: true, force: true });
  }

  /** One entry for each node that has a disk. */
  async status(): Promise<NodeStatus[]> {
    const site = await this.site();
    return Promise.all(
      this.#known().map(async (node) => {
        const initPid = initOf(site, node);
        const on = initPid !== undefined;
        return {
          node,
          power: on ? ('on' as const) : ('off' as const),
          frozen: on && isFrozen(nodeCgroup(site, node)),
          link: await linkOf(this.layout, node),
          ipv4: machineOf(node).ipv4,
          initPid,
          bootId: on ? bootIdOf(this.layout, node) : undefined,
          since: on ? poweredOnAt(this.layout, node) : undefined,
        };
      }),
    );
  }

  async isOn(node: string): Promise<boolean> {
    return initOf(await this.site(), machineOf(node).name) !== undefined;
  }

  /** Runs a command in the node (all namespaces and its control group). Default limit 10 s. A failing command is a result. */
  async exec(node: string, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return nodeExec.execIn(await this.site(), node, argv, options);
  }

  /** As `exec`, for a command that must succeed; gives its standard output. @throws LabError `exec-failed` */
  async mustExec(node: string, argv: readonly string[], options: RunOptions = {}): Promise<string> {
    return nodeExec.mustExecIn(await this.site(), node, argv, options);
  }

  /** The command line that does what `exec` does, for those who spawn it themselves. */
  async commandIn(node: string, argv: readonly string[]): Promise<string[]> {
    return nodeExec.commandIn(await this.site(), node, argv);
  }

  /** The command line that runs a program of the host on the segment, as the client 10.99.0.100. */
  clientCommand(argv: readonly string[]): string[] {
    return inNetns(this.layout.clientNetns, argv);
  }

  /** The same for the observer, 10.99.0.101, which asks for the VIP without teaching the client's kernel anything. */
  observerCommand(argv: readonly string[]): string[] {
    return inNetns(this.layout.observerNetns, argv);
  }

  /** The command line that runs a program of the host in a node's network: a client that stays with a node when it is cut off. */
  besideNodeCommand(node: string, argv: readonly string[]): string[] {
    return inNetns(nodeNetns(this.layout, machineOf(node).name), argv);
  }

  /** A shell, or another command, on this process's terminal; gives its exit code. */
  async interactive(node: string, argv: readonly string[] = ['bash', '-l']): Promise<number> {
    return nodeExec.execInteractively(await this.site(), node, argv);
  }

  /** As `interactive`, for a program of the host on the segment. */
  interactiveClient(argv: readonly string[]): number {
    return nodeExec.runInteractively(this.clientCommand(argv));
  }

  async writeFile(node: string, path: string, text: string, mode?: number): Promise<void> {
    await nodeExec.writeFileIn(await this.site(), node, path, text, mode);
  }

  async copyIn(node: string, hostPath: string, path: string): Promise<void> {
    await nodeExec.copyIn(await this.site(), node, hostPath, path);
  }

  /** The plug is pulled: port down first, then every process at once. The page cache survives: fsync is not tested by this. */
  async powerOff(node: string): Promise<void> {
    const site = await this.site();
    requireOn(site, node);
    await powerOff(site, node);
  }

  /** Boots the node with the disk it has; a boot of its own (new boot id). Returns when systemd is up. */
  async powerOn(node: string): Promise<void> {
    await powerOn(await this.site(), machineOf(node).name);
  }

  /** Link down, seen by the node as a lost carrier. */
  cut(node: string): Promise<void> {
    return portDown(this.layout, machineOf(node).name);
  }

  /** Frames dropped both ways; the node's carrier stays. */
  isolate(node: string): Promise<void> {
    return portDetach(this.layout, machineOf(node).name);
  }

  /** Ends `cut` and `isolate`. */
  heal(node: string): Promise<void> {
    return portHeal(this.layout, machineOf(node).name);
  }

  /** All processes stand still; the node's kernel goes on answering ARP, ping and SYN. */
  async freeze(node: string): Promise<void> {
    await freeze(await this.site(), node, true);
  }

  async thaw(node: string): Promise<void> {
    await freeze(await this.site(), node, false);
  }

  /** As a paused virtual machine: silent and still. The network goes first (by about a millisecond), then the processes. */
  async pause(node: string): Promise<void> {
    const site = await this.site();
    requireOn(site, node);
    await portDetach(this.layout, node);
    await freeze(site, node, true);
  }

  /** The network comes back just before the processes do: the harder order for whoever must find out that time has passed. */
  async resume(node: string): Promise<void> {
    const site = await this.site();
    requireOn(site, node);
    await portHeal(this.layout, node);
    await freeze(site, node, false);
  }

  /** Signals the main process of a unit, or the topmost process of that command name; gives its PID on the host. */
  async kill(node: string, name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    return killProcess(await this.site(), node, name, signal);
  }

  /** The host's PID of such a process. */
  async pidOf(node: string, name: string): Promise<number> {
    return processOf(await this.site(), node, name);
  }

  /** Powers the node off and throws its disk away. */
  async reset(node: string): Promise<void> {
    await this.#exclusively(`lab reset ${node}`, () => this.#reset(machineOf(node).name));
  }

  async #reset(node: string): Promise<void> {
    await powerOff(await this.site(), node);
    wipeDisk(this.layout, node);
  }

  async #nodeUp(site: Site, node: string): Promise<void> {
    if (initOf(site, node) !== undefined) {
      const ailing = isFrozen(nodeCgroup(site, node)) || (await linkOf(this.layout, node)) !== 'connected';
      if (ailing) await this.resume(node);
      await waitForBoot(site, node); // A run of the lab that crashed may have left it half-way.
      this.#log(`${node} is on already${ailing ? '; its fault was ended' : ''}`);
      return;
    }
    if (await makeDisk(this.layout, node, baseKey(this.release), this.#volumes))
      this.#log(`${node} starts with an empty disk`);
    const start = performance.now();
    await powerOn(site, node);
    this.#log(`${node} is up (${machineOf(node).ipv4}, ${Math.round(performance.now() - start)} ms)`);
  }

  /** The nodes that have a directory on the host, in the order of their addresses. */
  #known(): string[] {
    const dir = join(this.layout.labDir, 'nodes');
    const there = existsSync(dir) ? readdirSync(dir) : [];
    return NODE_NAMES.filter((name) => there.includes(name));
  }

  #exclusively<T>(purpose: string, work: () => Promise<T>): Promise<T> {
    return withLock(join(STATE_ROOT, 'labs', `${this.layout.labName}.lock`), purpose, LOCK_WAIT_MS, work);
  }

  /** For the lab's other parts (`LabFaults`). */
  async site(): Promise<Site> {
    const cgroup = join(await cgroupRoot(), this.layout.labName);
    return { layout: this.layout, cgroup };
  }
}

/** A base is in use while any lab's disk stands on it. */
function isBaseInUse(key: string): boolean {
  const labs = join(STATE_ROOT, 'labs');
  for (const entry of readdirSync(labs, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const layout = layoutOf(entry.name);
    if (NODE_NAMES.some((node) => diskBase(layout, node) === key)) return true;
  }
  return false;
}
