import { between, type Instant } from '../brands.ts';
import type { Batch } from './batches.ts';
import type { Judgements } from './judge.ts';
import { awayNodes } from './keep-records.ts';
import { type Placement, serverOf } from './placement.ts';
import type { ServiceNodesValue } from './records.ts';
import type { Sample } from './sample.ts';
import type { ServiceNode, ServiceNodeId, ServiceNodesSettings } from './settings.ts';
import type { ServiceNodeSeen, ServiceNodesView } from './view-value.ts';

export interface ViewInput {
  readonly settings: ServiceNodesSettings;
  readonly node: string;
  readonly token: number;
  readonly samples: readonly Sample[];
  readonly judgements: Judgements;
  /** Undefined while the tables, or the records, were not read. */
  readonly placement: Placement | undefined;
  readonly records: ServiceNodesValue | undefined;
  readonly proposed: readonly Batch[];
  readonly because: readonly string[];
  readonly trouble: string | undefined;
  readonly now: Instant;
  readonly wallMs: number;
}

const longestText = 300;
const mostTexts = 20;
/** A key that is longer than 64 KB is not read by anybody. */
const mostMembersInFull = 100;

/** What is written for those who ask, within the length of a key. */
export function viewOfServiceNodes(input: ViewInput): ServiceNodesView {
  const { settings, node, token, judgements, records, proposed, trouble, wallMs } = input;
  const loads = new Map<ServiceNodeId, number>();
  for (const placed of input.placement?.values() ?? []) {
    const server = serverOf(placed);
    if (server !== undefined) loads.set(server, (loads.get(server) ?? 0) + 1);
  }
  const aways = new Map<ServiceNodeId, number>();
  for (const { home } of awayNodes(records ?? { version: 1, moves: [], damaged: [] }).values())
    aways.set(home, (aways.get(home) ?? 0) + 1);
  return {
    version: 1,
    token,
    node,
    atWallMs: Math.round(wallMs),
    mode: settings.mode,
    ...(judgements.us === undefined ? {} : { us: short(judgements.us) }),
    ...(trouble === undefined ? {} : { trouble: short(trouble) }),
    members: settings.members.map((member, at) => ({
      ...seenOf(member, input, at < mostMembersInFull),
      ...(input.placement === undefined ? {} : { nodes: loads.get(member.name) ?? 0 }),
      away: aways.get(member.name) ?? 0,
    })),
    proposed: proposed
      .slice(0, mostTexts)
      .map(({ kind, from, to, nodes }) => ({ kind, from, to, nodes: nodes.length })),
    open: records?.moves.filter(({ stage }) => stage === 'begun').length ?? 0,
    because: input.because.slice(0, mostTexts).map(short),
  };
}

function seenOf(
  { name }: ServiceNode,
  { judgements, samples, now, wallMs }: ViewInput,
  inFull: boolean,
): Omit<ServiceNodeSeen, 'nodes' | 'away'> {
  const judgement = judgements.of.get(name);
  const since = judgement === undefined ? 0 : between(judgement.since, now);
  const newest = new Map(samples.filter((one) => one.serviceNode === name).map((one) => [one.kind, one]));
  const failing = [...newest.values()].filter(({ outcome }) => outcome !== 'ok');
  const isUp = judgement?.verdict === 'up';
  return {
    name,
    verdict: judgement?.verdict ?? 'unknown',
    sinceWallMs: Math.round(wallMs - since),
    ...(judgement === undefined || isUp || !inFull ? {} : { because: short(judgement.because) }),
    ...(judgement?.isFlapping === true ? { isFlapping: true } : {}),
    failing: inFull ? failing.map(({ kind, message }) => short(`${kind}: ${message}`).slice(0, 120)) : [],
  };
}

const short = (text: string): string =>
  text.length > longestText ? `${text.slice(0, longestText - 3)}...` : text;

/** What of a view makes it worth writing: all but the time, and a `since` that only the two clocks' rounding has moved. */
export const viewText = (view: ServiceNodesView): string =>
  JSON.stringify({
    ...view,
    atWallMs: 0,
    members: view.members.map((member) => ({ ...member, sinceWallMs: 0 })),
  });
