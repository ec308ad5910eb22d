import { formatBytes, graphOf, lagBytes, presentValue, type ResourceNode } from '@hamn/core';
import type { PreparedFailover } from '../prepared.ts';
import { readLsn, type ViewFacts } from './view-facts.ts';

/** Undefined while no node says that it waits for an admin. */
export function preparedFailover(facts: ViewFacts): PreparedFailover | undefined {
  const { leader, names, settings } = facts;
  const to = names.find((name) => facts.member(name)?.waitsForAdmin === true);
  if (to === undefined || leader?.kind !== 'held' || leader.holder === to || settings === undefined)
    return undefined;
  const from = leader.holder;
  return {
    from,
    to,
    ...lossOf(facts, from, to),
    steps: [
      ...(isFencedFirst(facts, from)
        ? [`${from} is switched off through its fencing devices, and that is confirmed`]
        : []),
      `${to} takes the term`,
      ...resourceSteps(graphOf(settings.resources).nodes),
    ],
    command: `hamnctl failover --to ${to}`,
  };
}

const isFencedFirst = ({ settings, view, token }: ViewFacts, from: string): boolean =>
  settings?.fencing?.mode === 'required' &&
  ![...view.fencing.values()].some((entry) => {
    const fence = presentValue(entry);
    return fence?.target === from && fence.token === token && fence.stage === 'confirmed';
  });

function lossOf(
  facts: ViewFacts,
  from: string,
  to: string,
): Pick<PreparedFailover, 'dataLoss' | 'dataLossBytes'> {
  const { settings, headLsn } = facts;
  if (settings?.postgres === undefined) return { dataLoss: 'There is no database in this group.' };
  if (settings.postgres.mode === 'quorum')
    return {
      dataLoss: `No acknowledged write is lost: ${to} takes over once enough of the other standbys have told it what they have.`,
    };
  if (settings.postgres.mode !== 'asynchronous')
    return { dataLoss: `No acknowledged write is lost: ${to} has them all.` };
  const own = readLsn(facts.member(to)?.postgres?.lsn);
  if (own === undefined || headLsn === undefined)
    return { dataLoss: `How much ${to} lacks is not known: the mode is asynchronous.` };
  const bytes = lagBytes(headLsn, own);
  const unannounced = `what ${from} wrote after that may be lost, too (the mode is asynchronous)`;
  return {
    dataLossBytes: bytes,
    dataLoss:
      bytes === 0
        ? `${to} has all that ${from} announced with its last sign; what ${from} wrote after that may be lost (the mode is asynchronous).`
        : `${formatBytes(bytes)} of WAL that ${from} announced with its last sign are lost; ${unannounced}.`,
  };
}

/** One step for all that waits for the same number of others. */
function resourceSteps(nodes: readonly ResourceNode[]): readonly string[] {
  const steps = new Map<number, string[]>();
  for (const node of nodes) {
    const { settings, traits, depth } = node;
    if (settings.runs !== 'primary' && !traits.promotable) continue;
    steps.set(depth, [...(steps.get(depth) ?? []), actOf(node)]);
  }
  return [...steps].sort(([a], [b]) => a - b).map(([, acts]) => acts.join(', '));
}

function actOf({ settings: { name, what }, traits }: ResourceNode): string {
  if (what.kind === 'vip') return `claims ${what.address}`;
  if (what.kind === 'postgres') return 'promotes PostgreSQL';
  if (traits.once) return `runs ${name}`;
  if (what.kind === 'mount') return `mounts ${what.target}`;
  return traits.promotable ? `promotes ${name}` : `starts ${name}`;
}
