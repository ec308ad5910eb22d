import { leaderSchema } from '@hamn/core';
import type { Machine } from '../machine/machine.ts';
import type { Process } from '../machine/process.ts';
import type { World } from '../run/world.ts';
import type { Report } from './violation.ts';

/** After an unmount that had no effect it is tried again this late at the latest. */
const stuckMs = 45_000;

const sampleMs = 20;

/** Resources: a job runs once in a term, and the term is given away by a node that has nothing mounted any more, and two nodes
 * never have the disk of one alone. */
export class ResourceChecks {
  readonly #world: World;
  readonly #report: Report;
  /** By the hamnd that began it. */
  readonly #runs = new Map<string, Process>();

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
    world.signals.on((signal) => {
      if (signal.kind === 'ran') this.#ran(signal.machine, signal.by, signal.job);
      if (signal.kind === 'sent') this.#sent(signal.machine, signal.txn.ops);
    });
    if (world.scenario.exclusiveShare) this.#sample();
  }

  /** Also a node whose processes stand still: its kernel writes. */
  #sample(): void {
    const both = this.#world.dataMachines.filter(
      ({ up, units }) => up && units.exclusivelyMounted.length > 0,
    );
    const names = both.map(({ name }) => name).join(' and ');
    if (both.length > 1)
      this.#report('two-mounts', `${names} have the share of one node mounted at one time.`);
    this.#world.scheduler.in(sampleMs, () => this.#sample());
  }

  /** Once more after hamnd was restarted: what was under way then is not known any more. */
  #ran(machine: Machine, by: Process, job: string): void {
    const key = `${job} in term ${machine.guard.view.record?.token ?? 0} on ${machine.name}`;
    if (this.#runs.get(key) === by) this.#report('job-again', `${key} has run to its end more than once.`);
    this.#runs.set(key, by);
  }

  #sent(machine: Machine, ops: readonly object[]): void {
    const put = ops.find((op): op is { put: string; value: string } => 'put' in op && op.put === 'leader');
    const leader = put === undefined ? undefined : leaderSchema.safeParse(JSON.parse(put.value)).data;
    if (leader?.kind !== 'released' || this.#world.now - machine.units.stuckAt < stuckMs) return;
    const left = machine.units.mounted;
    if (left.length > 0)
      this.#report('released-mounted', `${machine.name} gives the term away and has ${left.join(', ')}.`);
  }
}
