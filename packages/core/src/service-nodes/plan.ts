import { type Batch, batches, type Wanted } from './batches.ts';
import { byName, type Placed, serverOf, stayText } from './placement.ts';
import type { ClientNodeId, ServiceNode, ServiceNodeId } from './settings.ts';
import { againstMoves, notToTouch, type Situation } from './situation.ts';
import { loads, targetFor } from './targets.ts';

export interface Plan {
  /** What may begin now, in this order; never more than the limits allow. */
  readonly batches: readonly Batch[];
  /** Sentences: what is planned, what is not, and why. */
  readonly because: readonly string[];
}

/** Which nodes of the service nodes that are down go where, now. `asked`: an admin wants it for this one, and nodes that were given up are tried again. */
export function plan(situation: Situation, asked?: ServiceNodeId): Plan {
  const { settings, judgements, placement, records } = situation;
  const down = settings.members.filter(
    ({ name }) => judgements.of.get(name)?.verdict === 'down' && (asked === undefined || asked === name),
  );
  const because: string[] = [];
  const wanted: Wanted[] = [];
  const load = loads(placement, records);
  const keep = notToTouch(situation, asked !== undefined);
  for (const lost of down) {
    const nodes = [...placement.values()]
      .filter((placed) => serverOf(placed) === lost.name)
      .sort((a, b) => byName(a.node, b.node));
    because.push(
      `${lost.name} is down and serves ${nodes.length} nodes. ${judgements.of.get(lost.name)?.because ?? ''}`,
    );
    wanted.push(...wantedOf(lost, nodes, situation, load, keep, because));
  }
  const against = againstMoves(situation);
  if (against !== undefined && down.length > 0) return { batches: [], because: [...because, against] };
  return { batches: batches(wanted, 'move', situation, because), because };
}

function wantedOf(
  lost: ServiceNode,
  nodes: readonly Placed[],
  { settings, judgements }: Situation,
  load: Map<ServiceNodeId, number>,
  keep: ReadonlyMap<string, string>,
  because: string[],
): readonly Wanted[] {
  const wanted: Wanted[] = [];
  const kept = new Map<string, ClientNodeId[]>();
  for (const placed of nodes) {
    const reason = keep.get(placed.node);
    const to = reason === undefined ? targetFor(placed, lost, settings, judgements, load) : undefined;
    if (to === undefined) {
      const why = reason ?? 'no service node of its pools is up and has room';
      kept.set(why, [...(kept.get(why) ?? []), placed.node]);
      continue;
    }
    load.set(to.name, (load.get(to.name) ?? 0) + 1);
    wanted.push({ node: placed.node, from: lost.name, to });
  }
  for (const [why, names] of kept) because.push(`${stayText(names)} at ${lost.name}: ${why}.`);
  return wanted;
}
