import type { Machine } from '../machine/machine.ts';
import { showPosition } from '../postgres/wal.ts';
import type { World } from '../run/world.ts';
import type { Report } from './violation.ts';

/** A standby that has run for so long beside another one has made its slot and knows where that one is. */
const settledMs = 15_000;

/** After a failover the third node finds its WAL on the new primary, which was a standby like it: it follows without a clone. */
export class SlotChecks {
  readonly #world: World;
  /** Since when each machine, primary now, had been a standby without a break. */
  readonly #standbySince = new Map<string, number>();

  constructor(world: World, report: Report) {
    this.#world = world;
    world.signals.on((signal) => {
      if (signal.kind === 'writable') this.#promoted(signal.machine);
      if (signal.kind === 'wal-gone' && this.#shouldHave(signal.machine, signal.from))
        report(
          'third-node-cloned',
          `${signal.machine.name} at ${showPosition(signal.machine.server.parts.disk.position)} streamed beside ${signal.from.name}, and finds its WAL gone there (it begins at ${signal.from.server.parts.disk.walFrom}).`,
        );
    });
  }

  #promoted({ name, server }: Machine): void {
    if (server.standbySince !== undefined) this.#standbySince.set(name, server.standbySince);
    else this.#standbySince.delete(name);
    server.standbySince = undefined;
  }

  /** It streamed while the new primary was a standby that had been there for a while. A copy made since has a history of its own. */
  #shouldHave(node: Machine, primary: Machine): boolean {
    const since = this.#standbySince.get(primary.name);
    const { streamedAt } = node.server.parts.disk;
    if (since === undefined || streamedAt === undefined || this.#world.isRestored) return false;
    return primary.server.isWritable && streamedAt > since + settledMs;
  }
}
