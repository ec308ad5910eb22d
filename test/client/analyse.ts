import type { AnswerRecord, LogRecord, RowRecord } from './log.ts';

/**
 * What happened, computed from the clients' logs and from the tables read from the nodes' databases afterwards: nothing here takes the
 * cluster's own word. All instants are monotonic milliseconds of the one host.
 */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** The longest silence. `ended` is false where nothing was heard again before the window's end. */
export type Gap = Span & { readonly gapMs: number; readonly ended: boolean };

export type Evidence = {
  readonly records: readonly LogRecord[];
  /** The ids in the final primary's `hamn_probe`. */
  readonly finalRows: ReadonlySet<number>;
  /** The ids found on other nodes, read before these were rewound; a row there that the final primary lacks was accepted twice over. */
  readonly otherRows?: ReadonlyMap<string, ReadonlySet<number>>;
  /** The writer whose silence is the outage: a load beside it must be neither lost nor accepted twice, but is not timed. Default: all writers together. */
  readonly timed?: string;
  /** When a node stood still (frozen or paused), with the bound after its thaw: what its kernel answers then is not held against it. */
  readonly still?: ReadonlyMap<string, readonly Span[]>;
  /** Outages are looked for inside it. Default: the whole log. */
  readonly window?: Span;
};

export type Analysis = {
  readonly acked: number;
  readonly unknown: number;
  readonly failed: number;
  readonly ackedByNode: Readonly<Record<string, number>>;
  /** Acknowledged ids that the final primary lacks. */
  readonly lost: readonly number[];
  readonly writeOutage: Gap | undefined;
  readonly vipOutage: Gap | undefined;
  /** Rows that a node accepted and the final primary lacks. */
  readonly divergent: readonly { readonly node: string; readonly id: number }[];
  readonly dualPrimary: boolean;
  /** Why, in sentences; empty when there was never more than one. */
  readonly dualReasons: readonly string[];
};

/** Two machines that answer for one address within this time of each other are a duplicate. */
export const DUPLICATE_WITHIN_MS = 100;

export function analyse(evidence: Evidence): Analysis {
  const rows = evidence.records.filter((record) => record.event === 'row');
  const answers = evidence.records.filter((record) => record.event === 'answer');
  const acked = rows.filter((row) => row.outcome === 'acked');
  const window = evidence.window ?? wholeOf(evidence.records);
  const dualReasons = [
    ...overlappingPostmasters(acked),
    ...idsAckedTwice(acked),
    ...duplicateAnswers(answers, evidence.still ?? new Map()),
  ];
  return {
    acked: acked.length,
    unknown: rows.filter((row) => row.outcome === 'unknown').length,
    failed: rows.filter((row) => row.outcome === 'failed').length,
    ackedByNode: countBy(acked.map((row) => row.node)),
    lost: acked.map((row) => row.id).filter((id) => !evidence.finalRows.has(id)),
    writeOutage: longestGap(
      acked
        .filter((row) => evidence.timed === undefined || row.writer === evidence.timed)
        .map((row) => row.doneMs),
      window,
    ),
    vipOutage: longestGap(
      answers.filter((answer) => answer.kind === 'reply').map((answer) => answer.atMs),
      window,
    ),
    divergent: divergentRows(evidence),
    dualPrimary: dualReasons.length > 0,
    dualReasons,
  };
}

/** The longest time without an event that touches the window; undefined where no event was ever seen before its end. */
export function longestGap(instants: readonly number[], window: Span): Gap | undefined {
  const sorted = instants.filter((at) => Number.isFinite(at)).sort((a, b) => a - b);
  let longest: Gap | undefined;
  sorted.forEach((fromMs, index) => {
    const next = sorted[index + 1];
    const toMs = next ?? Math.max(window.toMs, fromMs);
    const touches = fromMs < window.toMs && toMs > window.fromMs;
    const gapMs = toMs - fromMs;
    if (touches && gapMs > (longest?.gapMs ?? 0))
      longest = { fromMs, toMs, gapMs, ended: next !== undefined };
  });
  return longest;
}

/**
 * A PostgreSQL that was primary and is so no longer has been restarted meanwhile: so the times in which each postmaster acknowledged
 * must not overlap. This holds for one client that is sent to and fro as well as for several clients at once.
 */
export function overlappingPostmasters(acked: readonly RowRecord[]): string[] {
  const reigns = new Map<string, { node: string; fromMs: number; toMs: number }>();
  for (const row of acked) {
    const key = `${row.node}/${row.postmaster}`;
    const known = reigns.get(key);
    reigns.set(key, {
      node: row.node,
      fromMs: Math.min(known?.fromMs ?? row.sentMs, row.sentMs),
      toMs: Math.max(known?.toMs ?? row.doneMs, row.doneMs),
    });
  }
  const sorted = [...reigns.values()].sort((a, b) => a.fromMs - b.fromMs);
  return sorted.flatMap((one, index) =>
    sorted
      .slice(index + 1)
      .filter((other) => other.fromMs < one.toMs)
      .map(
        (other) =>
          `${one.node} and ${other.node} both acknowledged writes between ` +
          `${other.fromMs.toFixed(0)} and ${Math.min(one.toMs, other.toMs).toFixed(0)} ms.`,
      ),
  );
}

/** An id is sent once; two acknowledgements for it mean that two servers took it. */
export function idsAckedTwice(acked: readonly RowRecord[]): string[] {
  const nodes = new Map<number, string>();
  const reasons: string[] = [];
  for (const row of acked) {
    const before = nodes.get(row.id);
    if (before !== undefined) reasons.push(`Row ${row.id} was acknowledged by ${before} and by ${row.node}.`);
    nodes.set(row.id, row.node);
  }
  return reasons;
}

/**
 * Two machines that both run answered or announced one address within 100 ms of each other. A hand-over is not that: there the old
 * holder is never heard again after the new one was.
 */
export function duplicateAnswers(
  answers: readonly AnswerRecord[],
  still: ReadonlyMap<string, readonly Span[]>,
): string[] {
  const running = answers
    .filter(
      (answer) =>
        !(still.get(answer.node) ?? []).some(
          (span) => answer.atMs >= span.fromMs && answer.atMs <= span.toMs,
        ),
    )
    .sort((a, b) => a.atMs - b.atMs);
  const lastHeard = new Map<string, Map<string, number>>();
  const reasons = new Map<string, string>();
  for (const answer of running) {
    const heard = lastHeard.get(answer.address) ?? new Map<string, number>();
    lastHeard.set(answer.address, heard);
    const own = heard.get(answer.node);
    for (const [other, atMs] of heard) {
      const recently = answer.atMs - atMs <= DUPLICATE_WITHIN_MS;
      const alternates = own !== undefined && own < atMs && atMs - own <= DUPLICATE_WITHIN_MS;
      if (other === answer.node || !recently || !alternates) continue;
      const pair = [other, answer.node].sort().join(' and ');
      const text = `${pair} both answered for ${answer.address}, first at ${answer.atMs.toFixed(0)} ms.`;
      if (!reasons.has(`${pair} ${answer.address}`)) reasons.set(`${pair} ${answer.address}`, text);
    }
    heard.set(answer.node, answer.atMs);
  }
  return [...reasons.values()];
}

function divergentRows(evidence: Evidence): { node: string; id: number }[] {
  return [...(evidence.otherRows ?? new Map<string, ReadonlySet<number>>())].flatMap(([node, ids]) =>
    [...ids].filter((id) => !evidence.finalRows.has(id)).map((id) => ({ node, id })),
  );
}

function wholeOf(records: readonly LogRecord[]): Span {
  const instants = records.flatMap((record) =>
    record.event === 'row' ? [record.sentMs, record.doneMs] : [record.atMs],
  );
  return {
    fromMs: instants.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY),
    toMs: instants.reduce((most, at) => Math.max(most, at), Number.NEGATIVE_INFINITY),
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
