import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { deadlineIn } from '@hamn/engine';
import { type StopDeps, stopUnits } from './units.ts';

const limitMs = 10_000;

/** Ends what sends and receives for resources that the settings do not have any more, also those of an earlier hamnd: nobody else would. */
export class Leftovers {
  readonly #directory: string;
  readonly #group: string;
  readonly #deps: StopDeps;
  #isEnding = false;

  /**
   * `directory` has a folder for each resource that was ever started in this boot. A node has one hamnd and one group: what is not of its own is of the
   * group that the node was in before.
   */
  constructor(directory: string, group: string, deps: StopDeps) {
    this.#directory = directory;
    this.#group = group;
    this.#deps = deps;
  }

  /** At each tick; `wanted` are names of resources. What could not be ended is tried again. */
  see(wanted: readonly string[]): void {
    if (this.#isEnding) return;
    const folders = new Set(wanted.map((name) => `${this.#group}-${name}`));
    const left = this.#folders().filter((folder) => !folders.has(folder));
    if (left.length === 0) return;
    this.#isEnding = true;
    void Promise.all(left.map((folder) => this.#end(folder))).finally(() => {
      this.#isEnding = false;
    });
  }

  async #end(folder: string): Promise<void> {
    const units = [`hamn-res-${folder}.service`, `hamn-sync-${folder}.service`];
    const ended = await stopUnits(this.#deps, units, deadlineIn(this.#deps.clock, limitMs));
    if (ended.ok) rmSync(join(this.#directory, folder), { recursive: true, force: true });
  }

  #folders(): readonly string[] {
    try {
      return readdirSync(this.#directory);
    } catch {
      return [];
    }
  }
}
