import type { Machine } from '../machine/machine.ts';
import { type Branch, contains, reachOn, showPosition } from '../postgres/wal.ts';
import type { World } from '../run/world.ts';
import { isCovered } from './term-clock.ts';
import type { Report } from './violation.ts';

/** I2: what was acknowledged in synchronous or strict mode is in every later primary's database. */
export class DataChecks {
  readonly #world: World;
  readonly #report: Report;
  readonly #acknowledged = new Map<Branch, number>();
  lostBytes = 0;

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
    world.signals.on((signal) => {
      // A thawed server of a term that is over may come up for a moment; it is no primary.
      if (signal.kind === 'writable' && isCovered(signal.machine)) this.check(signal.machine);
      if (signal.kind !== 'acknowledged') return;
      const { branch } = signal.machine.server.parts.disk.position;
      this.#acknowledged.set(branch, Math.max(signal.lsn, this.#acknowledged.get(branch) ?? 0));
    });
  }

  /** Everything acknowledged so far must be in this primary's WAL. */
  check(machine: Machine): void {
    const { position } = machine.server.parts.disk;
    for (const [branch, lsn] of this.#acknowledged) {
      if (contains(position, { branch, lsn })) continue;
      const lost = lsn - (reachOn(position, branch) ?? 0);
      if (this.#world.scenario.mode === 'asynchronous') {
        this.lostBytes += lost;
        this.#acknowledged.delete(branch);
        continue;
      }
      this.#report(
        'acknowledged-lost',
        `${machine.name} is primary at ${showPosition(position)} without ${lost} acknowledged bytes up to ${showPosition({ branch, lsn })}.`,
      );
    }
  }
}
