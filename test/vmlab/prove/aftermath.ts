import type { Span } from '../../client/analyse.ts';
import type { LogRecord } from '../../client/log.ts';
import { monotonicMs } from '../../client/log.ts';
import { analyseRun, castOf } from '../../cluster/index.ts';
import { HEALTHY_LIMIT_MS } from '../vm-cluster.ts';
import { demand, type ProofSite, seconds } from './proof.ts';

/** How long clients may wait for a new primary: T and a promotion, on machines that are emulated. */
export const TAKEOVER_LIMIT_MS = 180_000;

/** Waits until the other node acknowledges writes, and tells how long that took the client. */
export async function seeTakeover(site: ProofSite, from: string, to: string, sinceMs: number): Promise<void> {
  const { recorder, saw } = site;
  demand(
    await recorder.writesSince(sinceMs, 1, TAKEOVER_LIMIT_MS),
    `No write was acknowledged within ${seconds(TAKEOVER_LIMIT_MS)} after the fault.`,
  );
  // The old primary may have acknowledged what was under way; the first row of the new one is what counts.
  const first = await firstRowOf(site, to, sinceMs);
  demand(first !== undefined, `${to} did not take over from ${from}.`);
  saw(`${to} acknowledged its first write ${seconds(first - sinceMs)} after the fault.`);
}

async function firstRowOf(
  { recorder }: ProofSite,
  node: string,
  sinceMs: number,
): Promise<number | undefined> {
  const end = monotonicMs() + TAKEOVER_LIMIT_MS;
  for (;;) {
    const row = recorder.acked(sinceMs).find((each) => each.node === node);
    if (row !== undefined) return row.doneMs;
    const now = monotonicMs();
    if (now >= end || !(await recorder.writesSince(now, 1, end - now))) return undefined;
  }
}

/** What the fault was, for the judgement afterwards. */
export interface Fault {
  readonly sinceMs: number;
  /** The nodes that must be standbys at the end. */
  readonly standbys?: readonly string[];
  readonly still?: ReadonlyMap<string, readonly Span[]>;
  /** Of a client beside the recorder. */
  readonly furtherRecords?: readonly LogRecord[];
}

/** Waits until all is well again without a hand, then holds the acknowledged rows against the tables. */
export async function seeNothingLost(site: ProofSite, fault: Fault): Promise<void> {
  const { cluster, recorder, saw } = site;
  const healedAt = monotonicMs();
  const cast = await castOf(cluster, HEALTHY_LIMIT_MS);
  saw(
    `All is well ${seconds(monotonicMs() - healedAt)} later: ${cast.primary} is the primary, ${cast.standby} streams from it and is a candidate.`,
  );
  for (const node of fault.standbys ?? [])
    demand(cast.standby === node, `${node} came back as the primary, not as a standby.`);
  const window: Span = { fromMs: fault.sinceMs - 10_000, toMs: monotonicMs() };
  const records = [...recorder.records(window), ...(fault.furtherRecords ?? [])];
  const { still } = fault;
  const analysis = await analyseRun(cluster, records, { window, ...(still === undefined ? {} : { still }) });
  const by = Object.entries(analysis.ackedByNode).map(([node, count]) => `${count} by ${node}`);
  saw(
    `${analysis.acked} rows were acknowledged (${by.join(', ')}), ${analysis.unknown} are unknown; ${analysis.lost.length} are lost, ${analysis.divergent.length} are on one node only, ${analysis.dualReasons.length} signs of two primaries. Longest time without an acknowledgement: ${seconds(analysis.writeOutage?.gapMs ?? 0)}.`,
  );
  demand(
    analysis.lost.length === 0,
    `Acknowledged rows are lost: ${analysis.lost.slice(0, 5).join(', ')} ...`,
  );
  demand(analysis.divergent.length === 0, 'A node has rows that the primary lacks.');
  demand(!analysis.dualPrimary, analysis.dualReasons.join(' '));
}
