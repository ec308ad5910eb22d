import { type StateValue, stateSchema, type WalLine } from '@hamn/core';
import type { Machine } from '../machine/machine.ts';
import { type Branch, reachOn, showPosition } from '../postgres/wal.ts';
import type { World } from '../run/world.ts';
import type { Report } from './violation.ts';

/** What a node writes down of its data is so: that it is of the timeline that a certain term has made. In mode asynchronous it may lead by that word. */
export class LineChecks {
  readonly #world: World;
  readonly #report: Report;
  /** By the token of the promotion that the group has recorded. */
  readonly #branches = new Map<number, Branch>();

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
    world.etcd.keys.onCommit(({ after }) => {
      const text = after.entries.get('state')?.value;
      if (text !== undefined) this.#recorded(stateSchema.parse(JSON.parse(text)));
    });
    for (const machine of world.dataMachines) machine.local.onLine = (line) => this.#written(machine, line);
  }

  #recorded(state: StateValue): void {
    // A group that was set up anew counts its tokens from the beginning.
    if (state.promotions.length === 0) this.#branches.clear();
    const last = state.promotions.at(-1);
    if (last === undefined || this.#branches.has(last.token)) return;
    const { server } = this.#world.machine(last.node);
    const { branch } = server.parts.disk.position;
    if (server.isWritable && branch.timeline === last.timeline) this.#branches.set(last.token, branch);
  }

  #written(machine: Machine, { token, timeline }: WalLine): void {
    const made = this.#branches.get(token);
    const { position, consistentAt, data } = machine.server.parts.disk;
    if (made === undefined || made.timeline !== timeline || data !== 'present') return;
    // A copy takes no sessions before it has reached what its source had.
    const end = consistentAt ?? position;
    // One that goes on from there is of it, too: who hears late of a promotion writes down the one before.
    if (reachOn(end, made) === undefined)
      this.#report(
        'line-untrue',
        `${machine.name} wrote down that its data is of timeline ${timeline} of term ${token}, and it is at ${showPosition(end)}; that one is ${showPosition({ branch: made, lsn: 0 })}.`,
      );
  }
}
