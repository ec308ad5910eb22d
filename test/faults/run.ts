import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs } from '../client/log.ts';
import { type Cluster, nodesOf, vip4 } from '../cluster/index.ts';
import { LabFaults } from '../lab/index.ts';
import type { Violation } from './check/violation.ts';
import { Fleet } from './fleet.ts';
import { PowerKeeper } from './inflict/power-keeper.ts';
import { judgeLogs, tablesInService } from './judge.ts';
import { kindOf } from './plan/fault-kinds.ts';
import { type RoundPlan, schedule } from './plan/schedule.ts';
import { type Plant, plantWrong } from './plant.ts';
import { playRound, type RoundDeps, serviceBoundMs, untilInService } from './round.ts';
import type { FaultRun, Note, RoundRun, RunLog } from './run-log.ts';
import { timelineSvg } from './timeline/svg.ts';
import { timelineText } from './timeline/text.ts';
import { type Timeline, timelineOf } from './timeline/timeline.ts';

export interface RunOptions {
  readonly seed: number;
  /** No round begins after this time. */
  readonly lengthMs: number;
  readonly firstRound: number;
  readonly lastRound: number;
  /** A wrong that is done in the first round. */
  readonly plant: Plant | undefined;
  /** Where the logs and the timeline go. */
  readonly folder: string;
}

/** Plays rounds until the time is over or a promise was broken, and writes the timeline in either case. */
export class FaultRunner {
  readonly #cluster: Cluster;
  readonly #options: RunOptions;
  readonly #say: (line: string) => void;
  readonly #fleet: Fleet;
  readonly #power: PowerKeeper;
  readonly #notes: Note[] = [];
  readonly #faults: FaultRun[] = [];
  readonly #rounds: RoundRun[] = [];
  readonly #violations: Violation[] = [];
  #beganMs: number = monotonicMs();

  constructor(cluster: Cluster, options: RunOptions, say: (line: string) => void) {
    this.#cluster = cluster;
    this.#options = options;
    this.#say = say;
    mkdirSync(options.folder, { recursive: true });
    this.#fleet = new Fleet(cluster, join(options.folder, 'logs'));
    this.#power = new PowerKeeper(cluster.lab, nodesOf(cluster.options), {
      onPowerOff: (node) => this.#fleet.leaveNode(node),
      onPowerOn: (node) => this.#fleet.besideNode(node),
      note: (text) => this.#note(text),
    });
  }

  async run(): Promise<RunLog> {
    try {
      await this.#fleet.start();
      this.#power.start();
      await this.#play();
    } finally {
      this.#power.stop();
      await this.#fleet.stop();
      this.#write();
    }
    return this.#log();
  }

  /** Leaves all as it is: nobody powers a machine on again. For who was told to end. */
  async abandon(): Promise<void> {
    this.#power.stop();
    await this.#fleet.stop();
  }

  async #play(): Promise<void> {
    const { cluster, fleet } = { cluster: this.#cluster, fleet: this.#fleet };
    const { seed, firstRound, lastRound, lengthMs } = this.#options;
    const deps: RoundDeps = {
      cluster,
      fleet,
      faults: new LabFaults(cluster.lab),
      power: this.#power,
      note: (text) => this.#note(text),
    };
    let { status } = await untilInService(deps);
    if (status === undefined) throw new Error('The cluster is not in service before the first round.');
    this.#beganMs = monotonicMs();
    for (const plan of schedule(seed)) {
      if (plan.round < firstRound) continue;
      if (plan.round > lastRound || monotonicMs() - this.#beganMs >= lengthMs) return;
      this.#say(`round ${plan.round}: ${describe(plan)}`);
      if (plan.round === firstRound) await this.#plant(status.primary?.node ?? '');
      const result = await playRound(plan, status, deps);
      this.#faults.push(...result.faults);
      this.#rounds.push(result.run);
      const primary = result.status?.primary?.node;
      if (result.status === undefined || primary === undefined)
        return this.#stop(plan, [away(result.away), ...judgeLogs(fleet, this.#faults)]);
      const judged = await tablesInService(deps, result.status);
      status = judged.status;
      const violations = [...judged.violations, ...judgeLogs(fleet, this.#faults)];
      if (violations.length > 0) return this.#stop(plan, violations);
      const tookMs = (result.run.healthyMs ?? 0) - result.run.healedMs;
      this.#say(
        `  all in service ${(tookMs / 1000).toFixed(1)} s after the last fault; ${fleet.acked().length} rows kept`,
      );
    }
  }

  async #plant(primary: string): Promise<void> {
    const { plant } = this.#options;
    if (plant === undefined) return;
    this.#note(`planted: ${plant}`);
    await plantWrong(this.#cluster, plant, primary);
  }

  #stop(plan: RoundPlan, violations: readonly Violation[]): void {
    this.#violations.push(...violations);
    for (const { kind, text } of violations) this.#say(`VIOLATION ${kind}: ${text}`);
    this.#say(`seed ${this.#options.seed}, round ${plan.round}: ${JSON.stringify(plan.faults)}`);
  }

  #note(text: string): void {
    this.#notes.push({ atMs: monotonicMs(), text });
    this.#say(`  ${text}`);
  }

  #log(): RunLog {
    return {
      seed: this.#options.seed,
      beganMs: this.#beganMs,
      faults: this.#faults,
      rounds: this.#rounds,
      notes: this.#notes,
      violations: this.#violations,
    };
  }

  #write(): void {
    const timeline: Timeline = timelineOf(this.#log(), {
      nodes: nodesOf(this.#cluster.options),
      vip: vip4,
      watched: this.#fleet.watched(),
      acked: this.#fleet.acked(),
    });
    const { folder } = this.#options;
    writeFileSync(join(folder, 'timeline.json'), JSON.stringify(timeline, null, 1));
    writeFileSync(join(folder, 'timeline.txt'), timelineText(timeline));
    writeFileSync(join(folder, 'timeline.svg'), timelineSvg(timeline));
  }
}

const away = (text: string): Violation => ({
  kind: 'away',
  text: `Not all nodes are back in service ${serviceBoundMs / 1000} s after the last fault ended: ${text}.`,
});

/** The faults of a round in words. */
export const describe = (plan: RoundPlan): string =>
  plan.faults
    .map((fault) => {
      const lasts = fault.lastsMs === 0 ? '' : ` for ${(fault.lastsMs / 1000).toFixed(1)} s`;
      return `${(fault.atMs / 1000).toFixed(1)} s ${fault.who} ${kindOf(fault.name).text}${lasts}`;
    })
    .join('; ');
