import type { RowRecord } from '../../client/log.ts';
import type { Violation } from './violation.ts';

const shown = 5;

/** Acknowledged rows that the primary's table lacks. */
export function lostRows(acked: readonly RowRecord[], present: ReadonlySet<number>): readonly Violation[] {
  const lost = acked.filter((row) => !present.has(row.id));
  if (lost.length === 0) return [];
  const some = lost
    .slice(0, shown)
    .map((row) => `${row.id} (by ${row.node} at ${row.doneMs.toFixed(0)} ms)`)
    .join(', ');
  return [{ kind: 'lost', text: `${lost.length} acknowledged rows are lost: ${some}.` }];
}

/** Rows that a standby has and its primary lacks: they were accepted by somebody who was not the primary. */
export function divergentRows(
  node: string,
  there: ReadonlySet<number>,
  present: ReadonlySet<number>,
): readonly Violation[] {
  const extra = [...there].filter((id) => !present.has(id));
  if (extra.length === 0) return [];
  const some = extra.slice(0, shown).join(', ');
  return [{ kind: 'divergent', text: `${node} has ${extra.length} rows that the primary lacks: ${some}.` }];
}

/** From the first acknowledgement of a server to the sending of the last row that it acknowledged. */
export interface Reign {
  readonly node: string;
  readonly postmaster: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The time in which each postmaster certainly acknowledged. A server that lost the role is always another process afterwards, so a process
 * is one reign. A session's node is what ARP said; the process is certain, so it alone tells the reigns apart.
 */
export function reignsOf(acked: readonly RowRecord[]): readonly Reign[] {
  const reigns = new Map<string, Reign>();
  for (const row of acked) {
    const known = reigns.get(row.postmaster);
    reigns.set(row.postmaster, {
      node: known?.node ?? row.node,
      postmaster: row.postmaster,
      fromMs: Math.min(known?.fromMs ?? row.doneMs, row.doneMs),
      toMs: Math.max(known?.toMs ?? row.sentMs, row.sentMs),
    });
  }
  return [...reigns.values()].sort((a, b) => a.fromMs - b.fromMs);
}

/** Two servers that both acknowledged: one acknowledged a row that was sent to it after the other's acknowledgement had arrived. */
export function overlappingReigns(acked: readonly RowRecord[]): readonly Violation[] {
  const reigns = reignsOf(acked);
  return reigns.flatMap((one, index) =>
    reigns
      .slice(index + 1)
      .filter((other) => other.fromMs <= one.toMs)
      .map((other): Violation => {
        const until = Math.min(one.toMs, Math.max(other.toMs, other.fromMs));
        return {
          kind: 'dual-ack',
          text:
            `${one.node} (server ${one.postmaster}) and ${other.node} (server ${other.postmaster}) both acknowledged writes ` +
            `between ${other.fromMs.toFixed(0)} and ${until.toFixed(0)} ms.`,
        };
      }),
  );
}
