import type { Strike, Strikes } from '../faults/strikes.ts';
import type { Machine } from '../machine/machine.ts';
import type { World } from '../run/world.ts';
import type { Report } from './violation.ts';

/** What struck within this time may still be felt: elections, reconnections, take-overs, a request's whole life. */
const feltMs = 25_000;

/** I8, and no needless failover: a term does not end while all that struck, alone and out of rest, leaves its primary fine. */
export class DemotionChecks {
  readonly #world: World;
  readonly #strikes: Strikes;
  readonly #report: Report;
  readonly #armedAt = new Map<Machine, number>();

  constructor(world: World, strikes: Strikes, report: Report) {
    this.#world = world;
    this.#strikes = strikes;
    this.#report = report;
    world.signals.on((signal) => {
      if (signal.kind === 'armed') this.#armedAt.set(signal.machine, world.now);
      if (signal.kind === 'ended') this.#ended(signal.machine, signal.reason);
    });
  }

  #ended(machine: Machine, reason: string): void {
    const armedAt = this.#armedAt.get(machine) ?? 0;
    const felt = this.#strikes.within(feltMs);
    const [strike] = felt;
    if (felt.length > 1 || armedAt > this.#world.now - feltMs) return;
    if (strike !== undefined && this.#mayEnd(strike, machine)) return;
    const what = strike === undefined ? 'nothing' : `only '${strike.kind.name}' on ${strike.node.name}`;
    this.#report(
      'needless-demotion',
      `${machine.name} was made harmless (${reason}) although ${what} had struck for ${feltMs} ms.`,
    );
  }

  #mayEnd({ kind, node, isFirst, ledEtcd }: Strike, machine: Machine): boolean {
    if (!isFirst || kind.ends === 'any') return true;
    if (kind.ends === 'none') return false;
    if (node === machine) return true;
    // A term of a second has no time for an election beside a silent elector.
    if (this.#world.scenario.profile === 'fast') return true;
    return ledEtcd && node.parts.role === 'data';
  }
}
