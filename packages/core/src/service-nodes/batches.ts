import { originsOf } from './keep-records.ts';
import { byName, namesText } from './placement.ts';
import type { MoveRecord } from './records.ts';
import type { ClientNodeId, ServiceNode, ServiceNodeId } from './settings.ts';
import { failures, type Situation } from './situation.ts';

/** A node that is to move. */
export interface Wanted {
  readonly node: ClientNodeId;
  readonly from: ServiceNodeId;
  readonly to: ServiceNode;
  /** What `xcatmaster` becomes; undefined: snmove works it out. */
  readonly xcatmaster?: string | undefined;
}

/** One snmove. */
export interface Batch {
  readonly kind: MoveRecord['kind'];
  readonly from: ServiceNodeId;
  readonly to: ServiceNodeId;
  readonly nodes: readonly ClientNodeId[];
  /** `snmove -D`. */
  readonly xcatmaster: string | undefined;
}

/**
 * Cuts what is wanted into snmoves: one way and at most K nodes each, and no more than L of them with those that are begun. A node that was
 * left behind before goes alone: one name that does not resolve makes snmove refuse the whole batch.
 */
export function batches(
  wanted: readonly Wanted[],
  kind: MoveRecord['kind'],
  { settings, records }: Situation,
  because: string[],
): readonly Batch[] {
  const { batch, atOnce } = settings.moves;
  const open = records.moves.filter(({ stage }) => stage === 'begun').length;
  const failed = failures(records);
  const all: Batch[] = [];
  const ways = new Map<string, Wanted[]>();
  for (const one of wanted) {
    const way = `${one.from} ${one.to.name} ${one.xcatmaster ?? ''}`;
    ways.set(way, [...(ways.get(way) ?? []), one]);
  }
  for (const way of ways.values()) {
    const sorted = [...way].sort((a, b) => byName(a.node, b.node));
    const fresh = sorted.filter(({ node }) => !failed.has(node));
    const alone = sorted.filter(({ node }) => failed.has(node)).map((one) => [one]);
    for (let at = 0; at < fresh.length; at += batch) all.push(batchOf(kind, fresh.slice(at, at + batch)));
    all.push(...alone.map((one) => batchOf(kind, one)));
  }
  // Those that may fail again last, so that their pause holds up nobody else.
  const isAlone = ({ nodes }: Batch): number => (nodes.some((node) => failed.has(node)) ? 1 : 0);
  const inOrder = all.sort((a, b) => isAlone(a) - isAlone(b));
  const now = inOrder.slice(0, Math.max(0, atOnce - open));
  for (const { from, to, nodes } of now) because.push(`${namesText(nodes)}: from ${from} to ${to}.`);
  const later = inOrder.length - now.length;
  if (later > 0)
    because.push(
      `${later} more ${later === 1 ? 'batch follows' : 'batches follow'} (moves.batch ${batch}, moves.atOnce ${atOnce}).`,
    );
  return now;
}

/** `wanted` is of one way. */
function batchOf(kind: MoveRecord['kind'], wanted: readonly Wanted[]): Batch {
  const [first] = wanted;
  if (first === undefined) throw new Error('A broken invariant: a batch of no nodes.');
  return {
    kind,
    from: first.from,
    to: first.to.name,
    nodes: wanted.map(({ node }) => node),
    xcatmaster: first.xcatmaster ?? first.to.xcatmaster,
  };
}

/** The record of a batch, to be written before its snmove is started. */
export const recordOf = (
  { kind, from, to, nodes }: Batch,
  { placement, wallMs }: Situation,
  token: number,
  id: string,
  message: string,
  wish: string | undefined,
): MoveRecord => ({
  id,
  token,
  kind,
  from,
  to,
  was: originsOf(nodes, placement),
  stage: 'begun',
  left: [],
  ...(wish === undefined ? {} : { wish }),
  message,
  begunWallMs: wallMs,
});
