import { leaderSchema } from '@hamn/core';
import type { Commit } from '../etcd/key-space.ts';
import type { Machine } from '../machine/machine.ts';
import { type Branch, contains, type Position, reachOn, showPosition } from '../postgres/wal.ts';
import type { World } from '../run/world.ts';
import { isCovered } from './term-clock.ts';
import type { Report } from './violation.ts';

/** I2: what was acknowledged in synchronous or strict mode is in every later primary's database. */
export class DataChecks {
  readonly #world: World;
  readonly #report: Report;
  readonly #acknowledged = new Map<Branch, number>();
  #handedTo: { readonly to: string; readonly end: Position } | undefined;
  lostBytes = 0;

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
    world.etcd.keys.onCommit((commit) => this.#released(commit));
    world.signals.on((signal) => {
      // A thawed server of a term that is over may come up for a moment; it is no primary.
      if (signal.kind === 'writable' && isCovered(signal.machine)) {
        this.#arrived(signal.machine);
        this.check(signal.machine);
      }
      if (signal.kind !== 'acknowledged') return;
      const { branch } = signal.machine.server.parts.disk.position;
      this.#acknowledged.set(branch, Math.max(signal.lsn, this.#acknowledged.get(branch) ?? 0));
    });
  }

  /** A switchover loses nothing in any mode: remembers to whom a cleanly stopped primary has released the term. */
  #released(commit: Commit): void {
    const put = commit.txn.ops.find((op) => 'put' in op && op.put === 'leader');
    if (put === undefined || !('put' in put)) return;
    const leader = leaderSchema.parse(JSON.parse(put.value));
    if (leader.kind === 'held') {
      if (this.#handedTo?.to !== leader.holder) this.#handedTo = undefined;
      return;
    }
    const from = this.#world.machine(leader.by).server.parts.disk;
    const clean = leader.by !== leader.to && from.state === 'shut down';
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
