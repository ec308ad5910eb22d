import type { Strike, Strikes } from '../faults/strikes.ts';
import type { Machine } from '../machine/machine.ts';
import type { World } from '../run/world.ts';
import type { Report } from './violation.ts';

/** What struck within this time may still be felt: elections, reconnections, take-overs, a request's whole life. */
const feltMs = 25_000;

/** From the guard's act to the release; the act itself takes a part of it. */
const releaseMs = 400;

const isRelease = (ops: readonly object[]): boolean =>
  ops.some(
    (op) => 'put' in op && op.put === 'leader' && 'value' in op && String(op.value).includes('"released"'),
  );

/** I8, and no needless failover: a term does not end while all that struck, alone and out of rest, leaves its primary fine. */
export class DemotionChecks {
  readonly #world: World;
  readonly #strikes: Strikes;
  readonly #report: Report;
  readonly #armedAt = new Map<Machine, number>();
  readonly #givenAway = new Set<Machine>();

  constructor(world: World, strikes: Strikes, report: Report) {
    this.#world = world;
    this.#strikes = strikes;
    this.#report = report;
    world.signals.on((signal) => {
      if (signal.kind === 'armed') this.#armedAt.set(signal.machine, world.now);
      if (signal.kind === 'ended') this.#ended(signal.machine, signal.reason);
      if (signal.kind === 'sent' && isRelease(signal.txn.ops)) this.#givenAway.delete(signal.machine);
    });
  }

  #ended(machine: Machine, reason: string): void {
    const armedAt = this.#armedAt.get(machine) ?? 0;
    const felt = this.#strikes.within(feltMs);
    const [strike] = felt;
    if (reason.startsWith('hand-over')) this.#mustRelease(machine, felt);
    if (felt.length > 1 || armedAt > this.#world.now - feltMs) return;
    if (strike !== undefined && this.#mayEnd(strike, machine)) return;
    const what = strike === undefined ? 'nothing' : `only '${strike.kind.name}' on ${strike.node.name}`;
    this.#report(
      'needless-demotion',
      `${machine.name} was made harmless (${reason}) although ${what} had struck for ${feltMs} ms.`,
    );
  }

  /** A node that was made harmless for a hand-over gives the term away, and does not let it end in another way. */
  #mustRelease(machine: Machine, felt: readonly Strike[]): void {
    if (felt.some(({ kind }) => kind.name !== 'switchover')) return;
    this.#givenAway.add(machine);
    this.#world.scheduler.in(releaseMs, () => {
      if (!this.#givenAway.delete(machine)) return;
      if (this.#strikes.within(releaseMs).some(({ kind }) => kind.name !== 'switchover')) return;
      this.#report(
        'release-lost',
        `${machine.name} was made harmless for a hand-over, and did not release the term.`,
      );
    });
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
