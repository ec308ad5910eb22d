import { duplicateAnswers } from '../client/analyse.ts';
import { type Cluster, idsOn } from '../cluster/index.ts';
import { excusesOf } from './check/excuses.ts';
import { divergentRows, lostRows, overlappingReigns } from './check/rows.ts';
import type { Violation } from './check/violation.ts';
import { blindMoments, holdingsOf, overlappingHoldings } from './check/vip.ts';
import type { Fleet } from './fleet.ts';
import type { FaultRun } from './run-log.ts';

/** A watcher that looks less often than this could miss what it is there for. */
const blindLimitMs = 1500;

/** All that was promised, over the whole run until now. The nodes are in service: their tables can be read. */
export async function judge(
  cluster: Cluster,
  fleet: Fleet,
  primary: string,
  faults: readonly FaultRun[],
): Promise<readonly Violation[]> {
  // What is acknowledged is asked before the tables are read; and the standby's table before its primary's.
  const acked = fleet.acked();
  const standby = cluster.options.data.find((node) => node !== primary) ?? '';
  const there = await idsOn(cluster.lab, standby);
  const present = await idsOn(cluster.lab, primary);
  const excused = excusesOf(faults);
  const answered = duplicateAnswers(fleet.answers(), excused).map(
    (text): Violation => ({ kind: 'dual-vip', text }),
  );
  return [
    ...(present === undefined ? [unreadable(primary)] : lostRows(acked, present)),
    ...(present === undefined || there === undefined ? [] : divergentRows(standby, there, present)),
    ...(there === undefined ? [unreadable(standby)] : []),
    ...overlappingReigns(acked),
    ...overlappingHoldings(holdingsOf(fleet.watched()), excused),
    ...answered,
    ...blindMoments(fleet.watched(), blindLimitMs),
  ];
}

const unreadable = (node: string): Violation => ({
  kind: 'away',
  text: `The rows cannot be read from ${node}, which is in service by its own word.`,
});
