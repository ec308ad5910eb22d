import type { StatusDocument } from '@hamn/api';
import { duplicateAnswers } from '../client/analyse.ts';
import { type Cluster, idsOn } from '../cluster/index.ts';
import { excusesOf } from './check/excuses.ts';
import { divergentRows, lostRows, overlappingReigns } from './check/rows.ts';
import type { Violation } from './check/violation.ts';
import { blindMoments, holdingsOf, overlappingHoldings } from './check/vip.ts';
import type { Fleet } from './fleet.ts';
import { type RoundDeps, untilInService } from './round.ts';
import type { FaultRun } from './run-log.ts';

/** A watcher that looks less often than this could miss what it is there for. */
const blindLimitMs = 1500;

/**
 * See `judgeTables`. The word of a node is as old as an interval: one that loses the role just after it was found in service is waited for once
 * more, with all others.
 */
export async function tablesInService(
  deps: Pick<RoundDeps, 'cluster' | 'fleet'>,
  status: StatusDocument,
): Promise<{ readonly status: StatusDocument; readonly violations: readonly Violation[] }> {
  const { cluster, fleet } = deps;
  const violations = await judgeTables(cluster, fleet, status.primary?.node ?? '');
  if (!violations.some(({ kind }) => kind === 'away')) return { status, violations };
  const again = await untilInService(deps);
  if (again.status === undefined) return { status, violations };
  return {
    status: again.status,
    violations: await judgeTables(cluster, fleet, again.status.primary?.node ?? ''),
  };
}

/** What the tables say. The nodes are in service, so they can be read. What is acknowledged is asked before the tables are, and the standby's before its primary's. */
async function judgeTables(cluster: Cluster, fleet: Fleet, primary: string): Promise<readonly Violation[]> {
  const acked = fleet.acked();
  const standby = cluster.options.data.find((node) => node !== primary) ?? '';
  const there = await idsOn(cluster.lab, standby);
  const present = await idsOn(cluster.lab, primary);
  return [
    ...(present === undefined ? [unreadable(primary)] : lostRows(acked, present)),
    ...(present === undefined || there === undefined ? [] : divergentRows(standby, there, present)),
    ...(there === undefined ? [unreadable(standby)] : []),
  ];
}

/** What those who watched say, over the whole run until now; it needs no node to be in service. */
export function judgeLogs(fleet: Fleet, faults: readonly FaultRun[]): readonly Violation[] {
  const excused = excusesOf(faults);
  const watched = fleet.watched();
  return [
    ...overlappingReigns(fleet.acked()),
    ...overlappingHoldings(holdingsOf(watched), excused),
    ...duplicateAnswers(fleet.answers(), excused).map((text): Violation => ({ kind: 'dual-vip', text })),
    ...blindMoments(watched, blindLimitMs),
  ];
}

const unreadable = (node: string): Violation => ({
  kind: 'away',
  text: `The rows cannot be read from ${node}, which is in service by its own word.`,
});
