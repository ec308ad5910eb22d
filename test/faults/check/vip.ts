import type { Span } from '../../client/analyse.ts';
import type { WatchRecord } from '../watch/watch-log.ts';
import type { Violation } from './violation.ts';

/** A time in which a node's kernel certainly had an address. */
export interface Holding extends Span {
  readonly node: string;
  readonly address: string;
}

/** From the first look that found the address to the last one; what is still held is held until the last beat. */
export function holdingsOf(records: readonly WatchRecord[]): readonly Holding[] {
  const open = new Map<string, Holding>();
  const holdings: Holding[] = [];
  let lastMs = 0;
  for (const record of records) {
    lastMs = record.atMs;
    if (record.event !== 'kernel') continue;
    const { node } = record;
    for (const [key, holding] of open) {
      if (holding.node !== node || record.vips.includes(holding.address)) continue;
      open.delete(key);
      holdings.push({ ...holding, toMs: record.beforeMs });
    }
    for (const address of record.vips) {
      const key = `${node} ${address}`;
      if (!open.has(key)) open.set(key, { node, address, fromMs: record.atMs, toMs: record.atMs });
    }
  }
  for (const holding of open.values()) holdings.push({ ...holding, toMs: Math.max(holding.toMs, lastMs) });
  return holdings.sort((a, b) => a.fromMs - b.fromMs);
}

/** Two running nodes that had one address at the same moment; a node that stands still is excused meanwhile. */
export function overlappingHoldings(
  holdings: readonly Holding[],
  excused: ReadonlyMap<string, readonly Span[]>,
): readonly Violation[] {
  const counted = holdings.flatMap((holding) => without(holding, excused.get(holding.node) ?? []));
  return counted.flatMap((one, index) =>
    counted
      .slice(index + 1)
      .filter((other) => other.address === one.address && other.node !== one.node)
      .filter((other) => other.fromMs <= one.toMs && one.fromMs <= other.toMs)
      .map((other): Violation => {
        const fromMs = Math.max(one.fromMs, other.fromMs);
        const toMs = Math.min(one.toMs, other.toMs);
        return {
          kind: 'dual-vip',
          text: `${one.node} and ${other.node} both had ${one.address} from ${fromMs.toFixed(0)} to ${toMs.toFixed(0)} ms.`,
        };
      }),
  );
}

/** What is left of a holding outside some spans. */
function without(holding: Holding, spans: readonly Span[]): readonly Holding[] {
  return spans.reduce<readonly Holding[]>(
    (parts, span) =>
      parts.flatMap((part) => {
        if (span.toMs < part.fromMs || span.fromMs > part.toMs) return [part];
        return [
          ...(part.fromMs < span.fromMs ? [{ ...part, toMs: span.fromMs }] : []),
          ...(part.toMs > span.toMs ? [{ ...part, fromMs: span.toMs }] : []),
        ];
      }),
    [holding],
  );
}

/** The watcher that did not look has seen nothing: then "no violation" would say little. */
export function blindMoments(records: readonly WatchRecord[], limitMs: number): readonly Violation[] {
  const slow = records.filter((record) => record.event === 'beat' && record.slowestMs > limitMs);
  const worst = Math.max(0, ...slow.map((record) => (record.event === 'beat' ? record.slowestMs : 0)));
  if (slow.length === 0) return [];
  return [{ kind: 'blind', text: `The watcher did not look into the kernels for ${worst.toFixed(0)} ms.` }];
}
