import { setTimeout as sleep } from 'node:timers/promises';
import type { Span } from '../client/analyse.ts';
import { monotonicMs } from '../client/log.ts';
import { analyseRun, type Cluster, castOf, type Recorder } from '../cluster/index.ts';
import type { Fault } from './faults.ts';
import { HarmlessWatch } from './harmless-watch.ts';

/** One line of the bench's output. Milliseconds, seen by the client; null where there is no such thing. */
export interface RunResult {
  readonly fault: string;
  readonly profile: string;
  readonly mode: string;
  readonly run: number;
  readonly write_outage_ms: number;
  readonly vip_outage_ms: number;
  readonly lost: number;
  /** Rows that a node accepted and the final primary lacks, and overlapping acknowledgements. */
  readonly dual: number;
  /** How long before the new primary's first write the old one had no PostgreSQL process left. */
  readonly harmless_before_ms: number | null;
  /** Writes a second of the load beside the client that is timed, asked for and acknowledged in the seconds before the fault; 0 without one. */
  readonly load_per_s: number;
  readonly loaded_per_s: number;
  /** From the end of the fault until all nodes were healthy again. */
  readonly healthy_after_s: number;
  readonly reasons: readonly string[];
}

const steadyMs = 2000;
const settleMs = 120_000;

export async function runFault(
  cluster: Cluster,
  recorder: Recorder,
  fault: Fault,
  run: number,
): Promise<RunResult> {
  const cast = await castOf(cluster, settleMs);
  await recorder.writesSince(monotonicMs(), steadyMs / 20 / 2, 30_000);
  const { load } = recorder;
  const before = { fromMs: monotonicMs() - steadyMs, toMs: monotonicMs() };
  const loaded = load === 0 ? 0 : recorder.loadPerSecond(before);
  const watch = await HarmlessWatch.of(cluster, cast.primary);
  const beganAt = monotonicMs();
  watch.start();
  await fault.begin(cluster, cast);
  const begunAt = monotonicMs();
  await recorder.writesSince(begunAt + 1, 50, 60_000);
  await sleep(Math.max(0, fault.lastsMs - (monotonicMs() - begunAt)));
  const goneAt = watch.stop();
  const endedAt = monotonicMs();
  await fault.end?.(cluster, cast);
  const thawedAt = monotonicMs();
  const asked = fault.moves ? cast.standby : cast.primary;
  await cluster.healthy(settleMs, asked);
  const healthyAt = monotonicMs();
  await sleep(500);
  const window: Span = { fromMs: beganAt - 100, toMs: monotonicMs() };
  const still: Span[] = fault.still === true ? [{ fromMs: begunAt - 50, toMs: thawedAt + 100 }] : [];
  const analysis = await analyseRun(cluster, recorder.records(window), {
    window,
    still: new Map([[cast.primary, still]]),
  });
  const firstWrite = recorder.acked(begunAt).find((row) => row.node !== cast.primary);
  return {
    fault: fault.name,
    profile: cluster.options.profile,
    mode: cluster.options.mode,
    run,
    write_outage_ms: Math.round(analysis.writeOutage?.gapMs ?? 0),
    vip_outage_ms: Math.round(analysis.vipOutage?.gapMs ?? 0),
    lost: analysis.lost.length,
    dual: analysis.divergent.length + analysis.dualReasons.length,
    harmless_before_ms:
      fault.moves && fault.still !== true && goneAt !== undefined && firstWrite !== undefined
        ? Math.round(firstWrite.doneMs - goneAt)
        : null,
    load_per_s: load,
    loaded_per_s: loaded,
    healthy_after_s: Math.round((healthyAt - endedAt) / 100) / 10,
    reasons: analysis.dualReasons,
  };
}
