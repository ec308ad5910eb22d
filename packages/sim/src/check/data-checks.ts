import { leaderSchema } from '@hamn/core';
import type { Commit } from '../etcd/key-space.ts';
import type { Machine } from '../machine/machine.ts';
import { groupSystemId } from '../postgres/disk.ts';
import { contains, type Position, showPosition } from '../postgres/wal.ts';
import type { World } from '../run/world.ts';
import { acceptsLoss } from './requests.ts';
import { excused, isCovered } from './term-clock.ts';
import type { Report } from './violation.ts';

/** I2: what was acknowledged in synchronous or strict mode is in every later primary's database. */
export class DataChecks {
  readonly #world: World;
  readonly #report: Report;
  #handedTo: { readonly to: string; readonly end: Position } | undefined;

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
    world.etcd.keys.onCommit((commit) => this.#committed(commit));
    world.signals.on((signal) => {
      if (signal.kind === 'restored') this.#handedTo = undefined;
      // A thawed server of a term that is over may come up for a moment; it is no primary.
      if (signal.kind !== 'writable' || !isCovered(signal.machine)) return;
      // Nor is one that comes up in the milliseconds after time stood still there (docs/safety.md, paused machines).
      if (excused(signal.machine, world.now)) return;
      this.#arrived(signal.machine);
      this.check(signal.machine);
    });
  }

  /** A switchover loses nothing in any mode: remembers to whom a cleanly stopped primary has released the term. */
  #committed(commit: Commit): void {
    const put = commit.txn.ops.find((op) => 'put' in op && op.put === 'leader');
    if (put === undefined || !('put' in put)) return;
    const leader = leaderSchema.parse(JSON.parse(put.value));
    if (leader.kind === 'held') {
      const { acknowledged, configuration } = this.#world;
      if (acceptsLoss(commit)) acknowledged.abandon(commit.revision);
      // A take in mode asynchronous may lose writes; that its promotion comes in another mode again makes no difference.
      if (!configuration.promisesWrites) acknowledged.forget();
      if (this.#handedTo?.to !== leader.holder) this.#handedTo = undefined;
      return;
    }
    const from = this.#world.machine(leader.by).server.parts.disk;
    // A node that was given another database hands over what stands elsewhere, too.
    const isOther = from.systemId !== groupSystemId;
    const clean = leader.by !== leader.to && from.state === 'shut down' && !isOther;
    this.#handedTo = clean ? { to: leader.to, end: from.position } : undefined;
  }

  #arrived(machine: Machine): void {
    const handed = this.#handedTo;
    if (handed?.to !== machine.name) return;
    this.#handedTo = undefined;
    const { position } = machine.server.parts.disk;
    if (!contains(position, handed.end))
      this.#report(
        'switchover-lost',
        `${machine.name} is primary at ${showPosition(position)} after a hand-over at ${showPosition(handed.end)}.`,
      );
  }

  /** Everything acknowledged so far must be in this primary's WAL. */
  check(machine: Machine): void {
    const { acknowledged, configuration, isRestored } = this.#world;
    if (!configuration.promisesWrites) return acknowledged.forget();
    if (isRestored) return;
    const { position } = machine.server.parts.disk;
    const { bytes, upTo } = acknowledged.missing(position);
    if (upTo === undefined) return;
    this.#report(
      'acknowledged-lost',
      `${machine.name} is primary at ${showPosition(position)} without ${bytes} acknowledged bytes up to ${showPosition(upTo)}.`,
    );
  }
}
