import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusDocument } from '@hamn/api';
import { monotonicMs } from '../client/log.ts';
import { type Cluster, nodesOf, waitFor } from '../cluster/index.ts';
import { LabError, type LabFaults } from '../lab/index.ts';
import { errnoOf } from '../lab/lab-error.ts';
import { whatIsAway } from './check/in-service.ts';
import type { Fleet } from './fleet.ts';
import { inflict, type Undo } from './inflict/inflict.ts';
import type { PowerKeeper } from './inflict/power-keeper.ts';
import type { Stage } from './inflict/stage.ts';
import { kindOf } from './plan/fault-kinds.ts';
import type { FaultPlan, RoundPlan } from './plan/schedule.ts';
import type { FaultRun, RoundRun } from './run-log.ts';

/** All nodes are back in service within this time after the last fault of a round has ended. */
export const serviceBoundMs = 60_000;
const askEveryMs = 300;
const freshWrites = 10;

export interface RoundDeps {
  readonly cluster: Cluster;
  readonly faults: LabFaults;
  readonly power: PowerKeeper;
  readonly fleet: Fleet;
  readonly note: (text: string) => void;
}

export interface RoundResult {
  readonly run: RoundRun;
  readonly faults: readonly FaultRun[];
  /** What did not come back; empty when all did. */
  readonly away: string;
  /** When all were back. */
  readonly status: StatusDocument | undefined;
}

/** Plays one round: the faults at their times, each ended after its time, then the wait until all is in service again. */
export async function playRound(
  plan: RoundPlan,
  status: StatusDocument,
  deps: RoundDeps,
): Promise<RoundResult> {
  const stage = stageOf(status, deps);
  const beganMs = monotonicMs();
  const done = await Promise.all(plan.faults.map((fault) => playFault(plan.round, fault, stage, beganMs)));
  const healedMs = monotonicMs();
  const { away, healthyMs, status: now } = await untilInService(deps);
  const { primary, standby, witness } = stage.cast;
  const cast = `${primary} primary, ${standby} standby, ${witness} witness`;
  return {
    run: { round: plan.round, plan, beganMs, healedMs, healthyMs, cast },
    faults: done.filter((each) => each !== undefined),
    away,
    status: now,
  };
}

function stageOf(status: StatusDocument, { cluster, faults, power, note }: RoundDeps): Stage {
  const { data, witness = '' } = cluster.options;
  const primary = status.primary?.node ?? '';
  const standby = data.find((node) => node !== primary) ?? '';
  return { cluster, faults, power, note, cast: { primary, standby, witness } };
}

async function playFault(
  round: number,
  plan: FaultPlan,
  stage: Stage,
  roundBeganMs: number,
): Promise<FaultRun | undefined> {
  const node = stage.cast[plan.who];
  const text = kindOf(plan.name).text;
  await sleep(Math.max(0, roundBeganMs + plan.atMs - monotonicMs()));
  const beganMs = monotonicMs();
  const undo = await tolerant(stage, `${node}: ${text}`, () => inflict(stage, plan));
  if (undo === undefined) return undefined;
  await sleep(Math.max(0, beganMs + plan.lastsMs - monotonicMs()));
  await end(stage, `${node}: end of '${text}'`, undo);
  return { round, name: plan.name, node, text, beganMs, endedMs: monotonicMs() };
}

/** What a fault finds may be off or dead by another fault of the round: that is no failure of the suite. */
async function tolerant<T>(stage: Stage, what: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    // An error number: the machine or the process went away between the look and the act.
    if (!(error instanceof LabError || (error instanceof Error && errnoOf(error) !== undefined))) throw error;
    stage.note(`${what}: not possible now (${error.message})`);
    return undefined;
  }
}

/** An end that finds the machine off has nothing to end, for all but the power itself goes with the power. */
async function end(stage: Stage, what: string, undo: Undo): Promise<void> {
  await tolerant(stage, what, undo);
}

/** By hamn's status, by etcd's members, and by rows that are acknowledged through the VIP. */
export async function untilInService(
  deps: Pick<RoundDeps, 'cluster' | 'fleet'>,
  limitMs: number = serviceBoundMs,
): Promise<{
  readonly away: string;
  readonly healthyMs: number | undefined;
  readonly status?: StatusDocument;
}> {
  const { cluster } = deps;
  const { witness = 'mn1' } = cluster.options;
  const fromMs = monotonicMs();
  let away = '';
  const found = await waitFor(limitMs, askEveryMs, async () => {
    const status = await cluster.status(witness);
    const own = status === undefined ? 'hamnctl status does not answer' : whatIsAway(status, cluster.options);
    away = [own, ...whatWatchersMiss(deps, fromMs)].filter((text) => text !== '').join('; ');
    return away === '' ? status : undefined;
  });
  if (found === undefined) return { away, healthyMs: undefined };
  return { away: '', healthyMs: monotonicMs(), status: found };
}

/** What hamn's word does not say: etcd's members by their own health pages, and rows that really go through. */
function whatWatchersMiss(
  { cluster, fleet }: Pick<RoundDeps, 'cluster' | 'fleet'>,
  fromMs: number,
): string[] {
  const healthy = healthyMembers(fleet);
  const members = nodesOf(cluster.options).filter((node) => !healthy.includes(node));
  const silent = cluster.options.data.filter((node) => fleet.lastSentBeside(node) < fromMs);
  const writes = fleet.acked().filter((row) => row.writer === 'vip' && row.sentMs >= fromMs).length;
  return [
    ...members.map((node) => `the etcd member on ${node} is not healthy`),
    ...silent.map((node) => `the writer beside ${node} finds no server`),
    ...(writes < freshWrites ? ['no rows are acknowledged through the VIP'] : []),
  ];
}

function healthyMembers(fleet: Fleet): readonly string[] {
  const last = fleet.watched().findLast((record) => record.event === 'etcd');
  return last?.event === 'etcd' ? last.healthy : [];
}
