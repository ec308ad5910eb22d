import { Random } from '../base/random.ts';
import type { TraceLine } from '../base/trace.ts';
import { DataChecks } from '../check/data-checks.ts';
import { DemotionChecks } from '../check/demotion-checks.ts';
import { HolderChecks } from '../check/holder-checks.ts';
import { LineChecks } from '../check/line-checks.ts';
import { ProtocolChecks } from '../check/protocol-checks.ts';
import { QuorumChecks } from '../check/quorum-checks.ts';
import { ResourceChecks } from '../check/resource-checks.ts';
import { notAtRest } from '../check/rest.ts';
import { SlotChecks } from '../check/slot-checks.ts';
import { TermChecks } from '../check/term-checks.ts';
import type { Violation } from '../check/violation.ts';
import { Writers } from '../client/writers.ts';
import { Injector } from '../faults/injector.ts';
import { Strikes } from '../faults/strikes.ts';
import { type Plant, unplanted } from '../plant/plant.ts';
import { bootstrap } from './bootstrap.ts';
import { makeScenario, type Scenario, type ScenarioWish } from './scenario.ts';
import { World } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  readonly keepTrace?: boolean;
  readonly plant?: Plant;
  readonly wish?: ScenarioWish;
  /** Faults to draw from; all by default. */
  readonly faults?: readonly string[];
}

export interface RunResult {
  readonly scenario: Scenario;
  readonly violation: Violation | undefined;
  readonly digest: string;
  readonly virtualMs: number;
  readonly acknowledged: number;
  readonly lines: readonly TraceLine[];
}

const restMs = 2000;
const lookMs = 100;

/** One whole life of a cluster: it begins, is struck, heals and comes to rest; or a checker ends it. */
export async function runSeed(options: RunOptions): Promise<RunResult> {
  const plant = options.plant ?? unplanted;
  const scenario = makeScenario(options.seed, new Random(`scenario ${options.seed}`), {
    ...plant.wish,
    ...options.wish,
  });
  const world = new World({
    scenario,
    keepTrace: options.keepTrace === true,
    breaks: plant.breaks,
    wrapPorts: plant.wrapPorts,
  });
  const run = new Run(world);
  const pullOut = plant.install();
  try {
    new Injector(world, run.strikes, options.faults ?? plant.faults).begin();
    await run.go();
  } finally {
    pullOut();
  }
  return {
    scenario,
    violation: run.violation,
    digest: world.trace.digest(),
    virtualMs: world.now,
    acknowledged: run.acknowledged,
    lines: world.trace.lines,
  };
}

class Run {
  readonly #world: World;
  readonly #writers: Writers;
  readonly #data: DataChecks;
  readonly strikes: Strikes;
  #violation: Violation | undefined;
  #restingSince: number | undefined;
  #done = false;

  constructor(world: World) {
    this.#world = world;
    const report = (checker: string, message: string): void => this.#report(checker, message);
    new HolderChecks(world, report);
    new ResourceChecks(world, report);
    new TermChecks(world, report);
    this.#data = new DataChecks(world, report);
    new SlotChecks(world, report);
    new LineChecks(world, report);
    this.#writers = new Writers(world);
    this.strikes = new Strikes({
      now: () => world.now,
      isAtRest: () => notAtRest(world, this.#writers) === undefined,
      etcdLeader: () => world.etcd.quorum.leader,
    });
    new DemotionChecks(world, this.strikes, report);
    new ProtocolChecks(world, report);
    new QuorumChecks(world, report);
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  get acknowledged(): number {
    return this.#writers.acknowledged;
  }

  async go(): Promise<void> {
    const { scheduler, scenario } = this.#world;
    bootstrap(this.#world);
    this.#writers.begin();
    scheduler.in(scenario.healAtMs, () => this.#look());
    try {
      await scheduler.run(() => this.#done || this.#violation !== undefined);
    } catch (error) {
      // A broken invariant in the engine or in the model: the process would die here.
      this.#report('threw', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  #report(checker: string, message: string): void {
    if (this.#violation !== undefined) return;
    this.#violation = { checker, atMs: this.#world.now, message };
    this.#world.trace.add('world', `VIOLATION ${checker}: ${message}`);
  }

  /** After healing: at rest for a while, or not in time. */
  #look(): void {
    const { scheduler, scenario, now } = this.#world;
    const lack = notAtRest(this.#world, this.#writers);
    this.#restingSince = lack === undefined ? (this.#restingSince ?? now) : undefined;
    if (this.#restingSince !== undefined && now - this.#restingSince >= restMs) {
      this.#done = true;
      for (const machine of this.#world.dataMachines)
        if (machine.server.isWritable) this.#data.check(machine);
      return;
    }
    if (now > scenario.endAtMs)
      this.#report('rest', `It did not come to rest after healing: ${lack ?? 'it moves on and off'}.`);
    else scheduler.in(lookMs, () => this.#look());
  }
}
