import { setFrozen } from './cgroup.ts';
import { addFilter, type Drop, removeFilter } from './filter.ts';
import type { Lab } from './lab.ts';
import {
  groupOfUnit,
  letGo,
  processOf,
  processTitled,
  type StoppedProcess,
  stopProcess,
} from './processes.ts';
import { requireOn } from './site.ts';
import { emptyVolume, fillVolume, hangVolume, unhangVolume } from './volumes.ts';

/** Which process of a node: PID 1, a unit's main process or a command name (as `Lab.kill`), or a text in the command line. */
export type ProcessName = 'init' | { readonly named: string } | { readonly titled: string };

/** The finer faults, beside those that `Lab` itself has. Each has its end; an end without a beginning does nothing. */
export class LabFaults {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** The switch drops frames until `pass` with the same name (letters, digits, underscores). */
  drop(name: string, drops: readonly Drop[]): Promise<void> {
    return addFilter(this.#lab.layout, name, drops);
  }

  pass(name: string): Promise<void> {
    return removeFilter(this.#lab.layout, name);
  }

  /** No byte is left on a volume of the node. */
  async fill(node: string, path: string): Promise<void> {
    await fillVolume(await this.#lab.site(), node, path);
  }

  async empty(node: string, path: string): Promise<void> {
    await emptyVolume(await this.#lab.site(), node, path);
  }

  /** Writes to a volume of the node do not come back. */
  async hang(node: string, path: string): Promise<void> {
    await hangVolume(await this.#lab.site(), node, path);
  }

  async unhang(node: string, path: string): Promise<void> {
    await unhangVolume(await this.#lab.site(), node, path);
  }

  async kill(node: string, name: ProcessName): Promise<void> {
    process.kill(await this.#pidOf(node, name), 'SIGKILL');
  }

  /** One process stands still; the others of its unit go on. */
  async stop(node: string, name: ProcessName): Promise<StoppedProcess> {
    return stopProcess(await this.#pidOf(node, name));
  }

  letGo(stopped: StoppedProcess): void {
    letGo(stopped);
  }

  /** All processes of a unit stand still, or go on. */
  async freezeUnit(node: string, unit: string, frozen: boolean): Promise<void> {
    await setFrozen(groupOfUnit(await this.#lab.site(), node, unit), frozen);
  }

  async #pidOf(node: string, name: ProcessName): Promise<number> {
    const site = await this.#lab.site();
    if (name === 'init') return requireOn(site, node);
    return 'named' in name ? processOf(site, node, name.named) : processTitled(site, node, name.titled);
  }
}
