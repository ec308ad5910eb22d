import { assert, fail, ok, type Result } from '../result.ts';
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

/**
 * The records with a move that is about to begin. Write them, and start snmove only after a definite ok. Errors: `in-the-way`, when the records are
 * not those that the move was planned by: a write whose answer was lost came late.
 */
export function withBegun(
  value: ServiceNodesValue,
  move: MoveRecord,
): Result<ServiceNodesValue, 'in-the-way'> {
  assert(move.stage === 'begun', 'a move was recorded that is over');
  if (value.moves.some(({ id }) => id === move.id))
    return fail('in-the-way', `The records have a move ${move.id} already.`);
  const busy = busyNodes(value);
  const taken = nodesOf(move).find((node) => busy.has(node));
  if (taken !== undefined) return fail('in-the-way', `${taken} is in a move that is not known to be over.`);
  return ok({ ...value, moves: [...value.moves, move] });
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

/**
 * Every node that hamn moved and has not moved back. Its home is where it was before the first of its moves; where a later one begins at a place
 * to which hamn never brought it, somebody gave it another home meanwhile.
 */
export function awayNodes(value: ServiceNodesValue): ReadonlyMap<ClientNodeId, Away> {
  const away = new Map<ClientNodeId, Away>();
  const targets = new Map<ClientNodeId, Set<ServiceNodeId>>();
  for (const move of value.moves) {
    const moved = new Set(movedBy(move));
    for (const node of nodesOf(move)) {
      const before = away.get(node);
      const own = targets.get(node) ?? new Set();
      targets.set(node, own);
      const goesOn = before !== undefined && own.has(move.from);
      own.add(move.to);
      if (!moved.has(node)) continue;
      const home = goesOn ? before.home : move.from;
      const was = goesOn ? before.was : originOf(move, node);
      if (home !== move.to && move.kind === 'move') away.set(node, { node, home, at: move.to, was });
      else {
        away.delete(node);
        targets.delete(node);
      }
    }
  }
  return away;
}

/**
 * The records with what came late: xcatd may have gone on with a move after its end was written, and then a node that was left behind is at its
 * target after all. Without this nobody would know that hamn brought it there, and from where.
 */
export function withLate(value: ServiceNodesValue, placement: Placement): ServiceNodesValue {
  const busy = busyNodes(value);
  const settled = new Set<ClientNodeId>(busy);
  const late = new Map<string, Set<ClientNodeId>>();
  for (const move of value.moves.toReversed()) {
    if (move.stage === 'begun') continue;
    for (const node of nodesOf(move)) {
      if (settled.has(node)) continue;
      if (!move.left.includes(node)) settled.add(node);
      else if (serverOf(placement.get(node)) === move.to) {
        settled.add(node);
        late.set(move.id, new Set([...(late.get(move.id) ?? []), node]));
      }
    }
  }
  if (late.size === 0) return value;
  return {
    ...value,
    moves: value.moves.map((move) => {
      const came = late.get(move.id);
      if (came === undefined) return move;
      const left = move.left.filter((node) => !came.has(node));
      return { ...move, left, message: `${move.message} Came late: ${namesText([...came])}.` };
    }),
  };
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
