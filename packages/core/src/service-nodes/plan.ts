import { type Batch, batches, type Wanted } from './batches.ts';
import { byName, type Placed, serverOf, stayText } from './placement.ts';
import type { ClientNodeId, ServiceNode, ServiceNodeId } from './settings.ts';
import { againstMoves, type Kept, notToTouch, type Situation } from './situation.ts';
import { loads, targetFor } from './targets.ts';
import type { ServiceNodeWish } from './wish.ts';

export interface Plan {
  /** What may begin now, in this order; never more than the limits allow. */
  readonly batches: readonly Batch[];
  /** Sentences: what is planned, what is not, and why. */
  readonly because: readonly string[];
  /** More may follow without anybody's doing. */
  readonly waits: boolean;
}

/** Which nodes of the service nodes that are down go where, now. */
export function plan(situation: Situation): Plan {
  const { settings, judgements } = situation;
  const down = settings.members.filter(({ name }) => judgements.of.get(name)?.verdict === 'down');
  return planMoves(situation, down, undefined);
}

/** What keeps a service node's nodes where they are, though an admin wants them elsewhere; `isOver`: it is no question of time. */
export function againstMove(
  { settings, judgements }: Situation,
  wish: Pick<ServiceNodeWish, 'serviceNode' | 'to'>,
): { readonly why: string; readonly isOver: boolean } | undefined {
  const { serviceNode, to } = wish;
  for (const name of [serviceNode, to])
    if (name !== undefined && !settings.members.some((member) => member.name === name))
      return { why: noSuch(settings.members, name), isOver: true };
  if (serviceNode === to) return { why: `${serviceNode} and its target are the same.`, isOver: true };
  if (settings.mode === 'observe') return { why: onlyLooks, isOver: true };
  const judgement = judgements.of.get(serviceNode);
  if (judgement?.verdict === 'down' || judgement?.verdict === 'maintenance') return undefined;
  if (judgement?.verdict === 'up')
    return {
      why: `${serviceNode} is up, so its nodes stay. To empty it, set \`maintenance: true\` for it in the settings first.`,
      isOver: true,
    };
  return {
    why: `${serviceNode} is ${judgement?.verdict ?? 'unknown'}: its nodes move once it is down. ${judgement?.because ?? ''}`.trim(),
    isOver: false,
  };
}

/** The next batches off a service node that is down or in maintenance, by an admin's word. What was given up before is tried again. */
export function planWishedMove(situation: Situation, wish: ServiceNodeWish): Plan {
  const against = againstMove(situation, wish);
  if (against !== undefined) return { batches: [], because: [against.why], waits: !against.isOver };
  return planMoves(
    situation,
    situation.settings.members.filter(({ name }) => name === wish.serviceNode),
    wish,
  );
}

function planMoves(
  situation: Situation,
  from: readonly ServiceNode[],
  wish: ServiceNodeWish | undefined,
): Plan {
  const { placement, judgements, records } = situation;
  const because: string[] = [];
  const wanted: Wanted[] = [];
  const load = loads(placement, records);
  const keep = notToTouch(situation, wish?.id);
  let waits = false;
  for (const lost of from) {
    const nodes = [...placement.values()]
      .filter((placed) => serverOf(placed) === lost.name)
      .sort((a, b) => byName(a.node, b.node));
    const judgement = judgements.of.get(lost.name);
    because.push(
      `${lost.name} is ${judgement?.verdict === 'maintenance' ? 'in maintenance' : 'down'} and serves ${nodes.length} nodes. ${judgement?.because ?? ''}`,
    );
    const found = wantedOf(lost, nodes, situation, load, keep, wish);
    wanted.push(...found.wanted);
    because.push(...found.because);
    waits ||= found.waits;
  }
  const against = againstMoves(situation);
  if (against !== undefined && from.length > 0)
    return { batches: [], because: [...because, against], waits: true };
  return { batches: batches(wanted, 'move', situation, because), because, waits: waits || wanted.length > 0 };
}

function wantedOf(
  lost: ServiceNode,
  nodes: readonly Placed[],
  { settings, judgements }: Situation,
  load: Map<ServiceNodeId, number>,
  keep: ReadonlyMap<string, Kept>,
  wish: ServiceNodeWish | undefined,
): { readonly wanted: readonly Wanted[]; readonly because: readonly string[]; readonly waits: boolean } {
  const wanted: Wanted[] = [];
  const kept = new Map<string, ClientNodeId[]>();
  let waits = false;
  const noTarget =
    wish?.to === undefined
      ? 'no service node of its pools is up and has room'
      : `${wish.to} shares no pool with it, is not up, or has no room`;
  for (const placed of nodes) {
    const reason = keep.get(placed.node);
    const to =
      reason === undefined ? targetFor(placed, lost, settings, judgements, load, wish?.to) : undefined;
    if (to === undefined) {
      const why = reason?.why ?? noTarget;
      waits ||= reason?.passes === true;
      kept.set(why, [...(kept.get(why) ?? []), placed.node]);
      continue;
    }
    load.set(to.name, (load.get(to.name) ?? 0) + 1);
    wanted.push({ node: placed.node, from: lost.name, to });
  }
  const because = [...kept].map(([why, names]) => `${stayText(names)} at ${lost.name}: ${why}.`);
  return { wanted, because, waits };
}

export const onlyLooks = 'serviceNodes.mode is observe: hamn only looks. Set it to propose or act.';

export const noSuch = (members: readonly ServiceNode[], name: string): string =>
  `The settings have no service node '${name}'. They have ${members.map((member) => member.name).join(', ')}.`;
