import { assert } from '../result.ts';
import { byName, namesText, type Placement, serverOf } from './placement.ts';
import {
  type MoveRecord,
  mostRecordCharacters,
  movedBy,
  nodesOf,
  type Origin,
  recordsText,
  type ServiceNodesValue,
} from './records.ts';
import type { ClientNodeId, ServiceNodeId } from './settings.ts';

/** The records with a move that is about to begin. Write them, and start snmove only after a definite ok. */
export function withBegun(value: ServiceNodesValue, move: MoveRecord): ServiceNodesValue {
  assert(move.stage === 'begun', 'a move was recorded that is over');
  assert(!value.moves.some(({ id }) => id === move.id), `the move ${move.id} was recorded twice`);
  const busy = busyNodes(value);
  for (const node of nodesOf(move)) assert(!busy.has(node), `${node} would be in two moves at once`);
  return { ...value, moves: [...value.moves, move] };
}

/** How a move came to its end. */
export interface MoveEnd {
  /** What snmove said, or why nobody knows; may be empty. */
  readonly said: string;
  /** The term of the writer; a move of another term was interrupted, which is no failure of its nodes. */
  readonly token: number;
  readonly wallMs: number;
}

/** The records with the end of a move, by what the tables say now. */
export const withEnded = (
  value: ServiceNodesValue,
  id: string,
  placement: Placement,
  end: MoveEnd,
): ServiceNodesValue => ({
  ...value,
  moves: value.moves.map((move) =>
    move.id === id && move.stage === 'begun' ? ended(move, placement, end) : move,
  ),
});

function ended(move: MoveRecord, placement: Placement, { said, token, wallMs }: MoveEnd): MoveRecord {
  const nodes = nodesOf(move);
  const left = nodes.filter((node) => serverOf(placement.get(node)) !== move.to);
  const words = [
    `${nodes.length - left.length} of ${nodes.length} nodes are at ${move.to} by xCAT's tables.`,
    ...(left.length === 0 ? [] : [`Not moved: ${namesText(left)}.`]),
    ...(token === move.token ? [] : ['The primary changed meanwhile.']),
    ...(said === '' ? [] : [said]),
  ];
  return {
    ...move,
    stage: 'ended',
    left,
    ...(token === move.token ? {} : { wasInterrupted: true }),
    message: words.join(' '),
    endedWallMs: wallMs,
  };
}

/** Nodes of moves that nobody has looked at the end of. */
export const busyNodes = (value: ServiceNodesValue): ReadonlySet<ClientNodeId> =>
  new Set(value.moves.filter(({ stage }) => stage === 'begun').flatMap(nodesOf));

/** Where a node was before hamn moved it for the first time, and where hamn brought it last. */
export interface Away {
  readonly node: ClientNodeId;
  readonly home: ServiceNodeId;
  readonly at: ServiceNodeId;
  readonly was: Omit<Origin, 'nodes'>;
}

/** Every node that hamn moved and has not moved back. */
export function awayNodes(value: ServiceNodesValue): ReadonlyMap<ClientNodeId, Away> {
  const away = new Map<ClientNodeId, Away>();
  for (const move of value.moves)
    for (const node of movedBy(move)) {
      const before = away.get(node);
      const home = before?.home ?? move.from;
      const was = before?.was ?? originOf(move, node);
      if (home === move.to || move.kind === 'failback') away.delete(node);
      else away.set(node, { node, home, at: move.to, was });
    }
  return away;
}

const originOf = (move: MoveRecord, node: ClientNodeId): Omit<Origin, 'nodes'> => {
  const origin = move.was.find(({ nodes }) => nodes.includes(node));
  return { servicenode: origin?.servicenode ?? [move.from], xcatmaster: origin?.xcatmaster ?? '' };
};

/**
 * Drops what nobody needs any more: ended moves older than `keepMs` of which every node is at home again or was not moved. A node's moves go
 * together or stay together: from half of them a wrong home would be read.
 */
export function withoutOld(value: ServiceNodesValue, keepMs: number, wallMs: number): ServiceNodesValue {
  const away = awayNodes(value);
  const needed = new Set(
    value.moves.filter(
      (move) =>
        move.stage === 'begun' ||
        wallMs - (move.endedWallMs ?? wallMs) < keepMs ||
        movedBy(move).some((node) => away.has(node)),
    ),
  );
  for (let before = -1; before !== needed.size; ) {
    before = needed.size;
    const nodes = new Set([...needed].flatMap(nodesOf));
    for (const move of value.moves) if (nodesOf(move).some((node) => nodes.has(node))) needed.add(move);
  }
  return needed.size === value.moves.length
    ? value
    : { ...value, moves: value.moves.filter((move) => needed.has(move)) };
}

/** Whether a further move would still fit, with room for its end. */
export const isFull = (value: ServiceNodesValue): boolean =>
  recordsText(value).length > mostRecordCharacters * 0.8;

/** Groups nodes by what they had, in the order of their names. */
export function originsOf(nodes: readonly ClientNodeId[], placement: Placement): readonly Origin[] {
  const groups = new Map<
    string,
    { servicenode: readonly ServiceNodeId[]; xcatmaster: string; nodes: ClientNodeId[] }
  >();
  for (const node of [...nodes].sort(byName)) {
    const { servicenode = [], xcatmaster = '' } = placement.get(node) ?? {};
    const key = `${servicenode.join(',')} ${xcatmaster}`;
    const group = groups.get(key) ?? { servicenode, xcatmaster, nodes: [] };
    group.nodes.push(node);
    groups.set(key, group);
  }
  return [...groups.values()];
}
