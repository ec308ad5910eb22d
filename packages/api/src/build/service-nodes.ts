import {
  awayNodes,
  byName,
  type MoveRecord,
  nodesOf,
  presentValue,
  type RawGroup,
  readGroup,
  readServiceNodes,
  type ServiceNode,
  type ServiceNodeSeen,
  type ServiceNodesSettings,
  type ServiceNodesValue,
} from '@hamn/core';
import type { AwayStatus, MoveStatus, ServiceNodeStatus, ServiceNodesDocument } from '../service-nodes.ts';

export interface ServiceNodesInput {
  readonly settings: ServiceNodesSettings;
  /** A fresh read. */
  readonly raw: RawGroup;
  readonly node: string;
  readonly atWallMs: number;
}

const mostEndedMoves = 20;
/** The primary writes at least once a minute. */
const freshMs = 180_000;

/** What the group's keys tell of service nodes: the records are as they stand, the judgements as the primary wrote them last. */
export function buildServiceNodes(input: ServiceNodesInput): ServiceNodesDocument {
  const { settings, raw, node, atWallMs } = input;
  const keys = readServiceNodes(raw);
  const { leader } = readGroup(raw);
  const term = presentValue(leader);
  const written = presentValue(keys.view);
  const isOfTerm = leader.kind === 'present' && term?.kind === 'held' && written?.token === leader.mod;
  const view = isOfTerm ? written : undefined;
  const records = keys.records.ok ? keys.records.value : undefined;
  const ageMs = view === undefined ? 0 : atWallMs - view.atWallMs;
  const missing = [
    ...(keys.view.kind === 'unreadable' ? [keys.view.reason] : []),
    ...(view !== undefined || keys.view.kind === 'unreadable' ? [] : [notJudged(term?.kind === 'held')]),
    ...(ageMs > freshMs
      ? [
          `${view?.node ?? ''} wrote this ${Math.round(ageMs / 60_000)} minutes ago and has not since; look at its journal (hamnctl events).`,
        ]
      : []),
    ...(keys.records.ok ? [] : [keys.records.error.message]),
    ...(view?.trouble === undefined ? [] : [view.trouble]),
  ];
  return {
    schema: 1,
    node,
    atWallMs,
    mode: settings.mode,
    ...(view === undefined ? {} : { judgedBy: view.node, judgedAtWallMs: view.atWallMs }),
    missing: [...new Set(missing)],
    ...(view?.us === undefined ? {} : { us: view.us }),
    serviceNodes: settings.members.map((member) =>
      statusOf(
        member,
        view?.members.find(({ name }) => name === member.name),
        records,
        settings,
      ),
    ),
    moves: movesOf(records),
    away: awayOf(records),
    proposed: view?.proposed ?? [],
    wishes: keys.wishes.map(({ wish }) => wish),
    damagedRecords: records?.damaged.length ?? 0,
    because: view?.because ?? [],
  };
}

const notJudged = (isHeld: boolean): string =>
  isHeld
    ? 'The primary has not judged the service nodes yet; it begins anew with each term, and takes a minute or two.'
    : 'There is no primary, so nobody looks after the service nodes.';

function statusOf(
  { name, address, pools, capacity }: ServiceNode,
  seen: ServiceNodeSeen | undefined,
  records: ServiceNodesValue | undefined,
  { moves }: ServiceNodesSettings,
): ServiceNodeStatus {
  const away =
    records === undefined ? [] : [...awayNodes(records).values()].filter(({ home }) => home === name);
  return {
    name,
    address,
    pools,
    ...(capacity === undefined ? {} : { capacity }),
    state: seen?.verdict ?? 'unknown',
    ...(seen === undefined ? {} : { sinceWallMs: seen.sinceWallMs }),
    ...(seen?.because === undefined ? {} : { because: seen.because }),
    flapping: seen?.isFlapping === true,
    failing: seen?.failing ?? [],
    ...(seen?.nodes === undefined ? {} : { nodes: seen.nodes }),
    away: away.length,
    ...(seen?.verdict === 'up' && away.length > 0
      ? { failbackFromWallMs: seen.sinceWallMs + moves.failbackSoakMs }
      : {}),
  };
}

function movesOf(records: ServiceNodesValue | undefined): readonly MoveStatus[] {
  const moves = records?.moves ?? [];
  const ended = moves.filter(({ stage }) => stage === 'ended').slice(-mostEndedMoves);
  const open = moves.filter(({ stage }) => stage === 'begun');
  return [...open.toReversed(), ...ended.toReversed()].map(moveOf);
}

const moveOf = (move: MoveRecord): MoveStatus => ({
  id: move.id,
  kind: move.kind,
  from: move.from,
  to: move.to,
  stage: move.stage,
  nodes: nodesOf(move),
  left: move.left,
  message: move.message,
  begunWallMs: move.begunWallMs,
  ...(move.endedWallMs === undefined ? {} : { endedWallMs: move.endedWallMs }),
});

function awayOf(records: ServiceNodesValue | undefined): readonly AwayStatus[] {
  const groups = new Map<string, { home: string; at: string; nodes: string[] }>();
  for (const { node, home, at } of records === undefined ? [] : awayNodes(records).values()) {
    const key = `${home} ${at}`;
    const group = groups.get(key) ?? { home, at, nodes: [] };
    group.nodes.push(node);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => ({ ...group, nodes: group.nodes.sort(byName) }));
}
