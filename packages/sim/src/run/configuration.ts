import type { GroupSettings, ReplicationMode } from '@hamn/core';
import type { Random } from '../base/random.ts';
import type { Scheduler } from '../base/scheduler.ts';
import type { Hamnd } from '../hamnd/hamnd.ts';
import type { Network } from '../machine/network.ts';

export interface ConfigurationParts {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly network: Network;
  /** Whether this node can ask etcd now. */
  readonly reachesEtcd: (node: string) => boolean;
  readonly hamnd: (node: string) => Hamnd | undefined;
  readonly note: (node: string, text: string) => void;
}

/** The cluster's settings: what was applied last, and what each node works by until it has heard of it. A restarted hamnd begins with what it had. */
export class Configuration {
  readonly #parts: ConfigurationParts;
  readonly #known = new Map<string, GroupSettings>();
  readonly #modes = new Set<ReplicationMode | undefined>();
  #current: GroupSettings;

  constructor(initial: GroupSettings, parts: ConfigurationParts) {
    this.#current = initial;
    this.#parts = parts;
    this.#modes.add(initial.postgres?.mode);
    for (const { name } of initial.nodes) this.#known.set(name, initial);
  }

  get current(): GroupSettings {
    return this.#current;
  }

  knownBy(node: string): GroupSettings {
    return this.#known.get(node) ?? this.#current;
  }

  /** The longest term that any node works by. */
  get longestTermMs(): number {
    return Math.max(...[...this.#known.values()].map(({ timings }) => timings.termMs));
  }

  hasAlwaysBeen(mode: ReplicationMode): boolean {
    return this.#modes.size === 1 && this.#modes.has(mode);
  }

  /** Whether every node knows that no write may be lost. */
  get promisesWrites(): boolean {
    return [...this.#known.values(), this.#current].every(
      ({ postgres }) => postgres?.mode !== 'asynchronous',
    );
  }

  /** `hamnctl config apply`: each node hears of it in its own time. */
  apply(settings: GroupSettings): void {
    this.#current = settings;
    this.#modes.add(settings.postgres?.mode);
    for (const node of this.#known.keys()) this.#tell(node, settings);
  }

  #tell(node: string, settings: GroupSettings): void {
    const { scheduler, random, reachesEtcd, hamnd, note } = this.#parts;
    scheduler.in(random.chance(0.5) ? random.between(2, 40) : random.between(40, 2500), () => {
      if (this.#current !== settings) return;
      const process = hamnd(node)?.process;
      if (process?.running !== true || hamnd(node)?.engine === undefined || !reachesEtcd(node))
        return this.#tell(node, settings);
      process.in(0, () => {
        if (this.#current !== settings) return;
        this.#known.set(node, settings);
        note(node, 'hamnd: has the new settings');
        hamnd(node)?.engine?.setSettings(settings);
      });
    });
  }
}
