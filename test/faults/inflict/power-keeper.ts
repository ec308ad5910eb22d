import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, LabError } from '../../lab/index.ts';
import { nodeDir } from '../../lab/layout.ts';

export interface PowerEvents {
  readonly onPowerOff: (node: string) => Promise<void>;
  readonly onPowerOn: (node: string) => void;
  readonly note: (text: string) => void;
}

const lookEveryMs = 200;

/** The nodes' power buttons, and what a BIOS does: a machine that rebooted or ended itself starts again. */
export class PowerKeeper {
  readonly #lab: Lab;
  readonly #nodes: readonly string[];
  readonly #events: PowerEvents;
  /** Off on purpose, or on its way up. */
  readonly #handled = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(lab: Lab, nodes: readonly string[], events: PowerEvents) {
    this.#lab = lab;
    this.#nodes = nodes;
    this.#events = events;
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const node of this.#nodes) if (!this.#handled.has(node)) void this.#lookSafely(node);
    }, lookEveryMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @throws LabError `off` */
  async off(node: string): Promise<void> {
    if (this.#handled.has(node)) throw new LabError('off', `Node ${node} is off.`);
    this.#handled.add(node);
    await this.#lab.powerOff(node);
    await this.#events.onPowerOff(node);
  }

  /** Does nothing for a node that is on. A boot that waits for something (etcd for its quorum) is a boot all the same. */
  async on(node: string): Promise<void> {
    this.#handled.add(node);
    try {
      if (await this.#lab.isOn(node)) return;
      await this.#lab.powerOn(node).catch((error: unknown) => {
        if (!(error instanceof LabError) || error.code !== 'boot') throw error;
        this.#events.note(`${node} boots for more than 30 s`);
      });
      this.#events.onPowerOn(node);
    } finally {
      this.#handled.delete(node);
    }
  }

  async #lookSafely(node: string): Promise<void> {
    try {
      await this.#look(node);
    } catch (error) {
      this.#handled.delete(node);
      this.#events.note(
        `${node} could not be powered on: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  async #look(node: string): Promise<void> {
    const asked = this.#askedForReboot(node);
    if (!asked && (await this.#lab.isOn(node))) return;
    if (this.#handled.has(node)) return;
    this.#handled.add(node);
    this.#events.note(
      `${node} ${asked ? 'rebooted itself (sysrq)' : 'went off by itself'}; powered on again`,
    );
    if (asked) await this.#lab.powerOff(node).catch(() => undefined);
    await this.#events.onPowerOff(node);
    await this.on(node);
  }

  /** The lab catches what a node writes to its sysrq-trigger. */
  #askedForReboot(node: string): boolean {
    try {
      return readFileSync(join(nodeDir(this.#lab.layout, node), 'sysrq'), 'utf8') !== '';
    } catch {
      return false;
    }
  }
}
