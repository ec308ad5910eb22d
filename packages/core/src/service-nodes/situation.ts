import type { Judgements } from './judge.ts';
import { awayNodes, busyNodes, isFull } from './keep-records.ts';
import { byName, type Placement } from './placement.ts';
import { damagedNames, type MoveRecord, movedBy, nodesOf, type ServiceNodesValue } from './records.ts';
import type { ClientNodeId, ServiceNodeId, ServiceNodesSettings } from './settings.ts';

/** All that a plan looks at. */
export interface Situation {
  readonly settings: ServiceNodesSettings;
  readonly judgements: Judgements;
  /** From xCAT's tables, read after the last move ended. */
  readonly placement: Placement;
  readonly records: ServiceNodesValue;
  /** This node's wall clock: records outlive a change of the primary, and boot clocks do not compare. */
  readonly wallMs: number;
}

/** What keeps everything from moving; undefined when nothing does. */
export function againstMoves({ settings, judgements, records, wallMs }: Situation): string | undefined {
  if (judgements.us !== undefined) return judgements.us;
  if (isFull(records)) return 'The key serviceNodes is nearly full; move nodes back, or raise `moves.batch`.';
  const failed = records.moves.filter(isFailure);
  const last = Math.max(...failed.map(({ endedWallMs }) => endedWallMs ?? 0), Number.NEGATIVE_INFINITY);
  const waitMs = last + settings.moves.pauseMs - wallMs;
  if (waitMs <= 0 || failed.length === 0) return undefined;
  // A wall clock that was set back must not hold everything up for longer than the pause.
  const seconds = Math.ceil(Math.min(waitMs, settings.moves.pauseMs) / 1000);
  return `The last move left nodes where they were; nothing begins for ${seconds} s (moves.pause).`;
}

/** Why a node is left alone, as the end of a sentence. */
export interface Kept {
  readonly why: string;
  /** It passes by itself. */
  readonly passes: boolean;
}

/** Nodes that are left alone. `wish`: what was given up before it is tried again for it. */
export function notToTouch(
  { settings, records, wallMs }: Situation,
  wish: string | undefined,
): ReadonlyMap<string, Kept> {
  const keep = new Map<string, Kept>();
  for (const [node, count] of failures(records, wish))
    if (count >= settings.moves.tries)
      keep.set(node, { why: `they could not be moved ${count} times; look at the records`, passes: false });
  for (const move of records.moves) {
    const ageMs = wallMs - (move.endedWallMs ?? wallMs);
    // A wall clock that was set back must not hold a node for longer than the soak.
    if (Math.abs(ageMs) < settings.moves.soakMs)
      for (const node of movedBy(move))
        keep.set(node, { why: 'they were moved a moment ago (moves.soak)', passes: true });
  }
  for (const node of busyNodes(records))
    keep.set(node, { why: 'a move of theirs is not known to be over', passes: true });
  for (const name of damagedNames(records))
    keep.set(name, { why: 'a record of theirs cannot be read', passes: false });
  return keep;
}

const isFailure = ({ stage, left, wasInterrupted }: MoveRecord): boolean =>
  stage === 'ended' && left.length > 0 && wasInterrupted !== true;

/** How often each node was left behind since it was last moved; with `wish`, in moves that were begun for it. */
export function failures(records: ServiceNodesValue, wish?: string): ReadonlyMap<ClientNodeId, number> {
  const counts = new Map<ClientNodeId, number>();
  for (const move of records.moves) {
    if (move.stage === 'begun' || move.wasInterrupted === true) continue;
    if (wish !== undefined && move.wish !== wish) continue;
    for (const node of nodesOf(move))
      if (move.left.includes(node)) counts.set(node, (counts.get(node) ?? 0) + 1);
      else counts.delete(node);
  }
  return counts;
}

/** Nodes that are away from a service node and could go back. */
export const awayFrom = (
  records: ServiceNodesValue,
  home: ServiceNodeId,
): readonly { readonly node: ClientNodeId; readonly at: ServiceNodeId }[] =>
  [...awayNodes(records).values()]
    .filter((away) => away.home === home)
    .sort((a, b) => byName(a.node, b.node));
