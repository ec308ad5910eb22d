import { after, type Instant, later, type NodeId } from '../../brands.ts';
import type { FencingValue } from '../../group/fencing-value.ts';
import { modOf, presentValue } from '../../group/view.ts';
import type { FencedNode, FencingSettings } from '../../settings.ts';
import { fenceOf } from '../../term/candidate.ts';
import { betterCandidate, judgeCandidacy } from '../candidacy.ts';
import { type Facts, isBusy, isCandidate } from '../facts.ts';
import type { Intention } from '../intention.ts';
import type { Match, Rule } from '../rule.ts';
import { dataLossAllowed, wantedByAdmin } from './candidate.ts';
import { againstUnattended } from './unattended.ts';

/** How a node is fenced, if the settings say so. */
export const fencedNode = (fencing: FencingSettings | undefined, target: NodeId): FencedNode | undefined =>
  fencing?.nodes.find((node) => node.node === target && node.levels.length > 0);

/**
 * The longest that fencing one node may take: every level tried, every device with its retries, each run followed by the look at its status.
 * In milliseconds.
 */
export function fenceLimitMs(fencing: FencingSettings, target: NodeId): number {
  const node = fencedNode(fencing, target);
  const steps = (node?.levels ?? []).flat();
  const runs = steps.map((step) => {
    const device = fencing.devices.find((one) => one.name === step.device);
    return device === undefined ? 0 : (device.retries + 1) * device.timeoutMs * 2;
  });
  return (node?.delayMs ?? 0) + runs.reduce((sum, ms) => sum + ms, 0) + 1000;
}

/** The last sign of the holder: a key that it wrote, or a promise that it asked for. */
function lastSign({ seen }: Facts, termMs: number): Instant | undefined {
  const sign = seen.term.seen;
  if (sign === undefined) return undefined;
  return later(after(seen.now, -sign.silentMs), after(seen.term.promisedUntil, -termMs));
}

/** A controller that is asked with a wrong password too often locks its user out. */
const retryMs = 10_000;

/** Another node is at it; it is given its time. */
function othersTry(facts: Facts, fencing: FencingSettings, target: NodeId): FencingValue | undefined {
  const { group, seen, memory } = facts;
  const entry = group?.fencing.get(target);
  const fence = entry === undefined ? undefined : presentValue(entry);
  if (fence?.stage !== 'begun' || fence.by === seen.me || entry === undefined) return undefined;
  const since = memory.fenceSeen?.mod === modOf(entry) ? memory.fenceSeen.at : seen.now;
  return seen.now < after(since, fenceLimitMs(fencing, target)) ? fence : undefined;
}

/** What is remembered of the newest try on the holder, so that another node's has an end. */
function rememberFence(facts: Facts, target: NodeId): Match['memory'] {
  const entry = facts.group?.fencing.get(target);
  const mod = entry === undefined ? undefined : modOf(entry);
  if (mod === undefined || facts.memory.fenceSeen?.mod === mod) return {};
  return { fenceSeen: { mod, at: facts.seen.now } };
}

/** Why this node does not fence the holder now; undefined when it should. */
function whyNotFence(facts: Facts, fencing: FencingSettings, target: NodeId): string | undefined {
  const { contact } = facts.seen;
  if (facts.memory.leaving !== undefined) return facts.memory.leaving;
  // A holder that lost etcd but is its own electorate goes on, and asks this node for no promise.
  if (contact.known && contact.value.node === target && contact.value.role === 'primary')
    return 'Its hamnd answers this node that it is primary.';
  const allow = { dataLoss: dataLossAllowed(facts), outsideElectorate: true };
  const { eligible, reasons } = judgeCandidacy(facts, allow);
  if (!eligible) return `This node could not take over: ${reasons.join(' ')}`;
  if (!wantedByAdmin(facts)) {
    const against = againstUnattended(facts);
    if (against !== undefined) return against;
    const better = betterCandidate(facts);
    const grace = after(facts.seen.term.waitUntil, facts.seen.settings.timings.termMs / 2);
    if (better !== undefined && facts.seen.now < grace) return `${better} is the better candidate.`;
  }
  const last = facts.seen.finished.get('fence');
  if (last !== undefined && !last.ok && facts.seen.now < after(last.at, retryMs))
    return `The last try failed: ${last.message}`;
  const other = othersTry(facts, fencing, target);
  return other === undefined ? undefined : `${other.by} is fencing it.`;
}

function fencePrimary(facts: Facts): Match | undefined {
  const { seen, leader, group } = facts;
  const { fencing } = seen.settings;
  if (!isCandidate(facts) || leader?.kind !== 'held' || leader.holder === seen.me) return undefined;
  if (fencing === undefined || fencing.mode === 'manual' || group === undefined) return undefined;
  const target = leader.holder;
  if (fencedNode(fencing, target) === undefined) return undefined;
  const at = lastSign(facts, leader.termMs);
  const sign = seen.term.seen;
  if (at === undefined || sign === undefined || seen.now < after(at, fencing.afterMs)) return undefined;
  // In the mode `automatic` silence for T is enough for an elector, and this tick takes.
  const allow = { dataLoss: dataLossAllowed(facts) };
  if (fencing.mode === 'automatic' && seen.verdict.may && judgeCandidacy(facts, allow).eligible)
    return undefined;
  if (fenceOf(group, leader, sign.leader) !== undefined) return undefined;
  if (isBusy(facts, 'fence'))
    return {
      because: `${target} has given no sign; this node is fencing it, and takes the term once it is off.`,
    };
  const memory = rememberFence(facts, target) ?? {};
  const not = whyNotFence(facts, fencing, target);
  const silent = `${target} has given no sign for more than ${fencing.afterMs} ms`;
  if (not !== undefined) return { because: `${silent}, but is not fenced: ${not}`, memory };
  const because = `${silent}; it is fenced.`;
  const basis = { leader: sign.leader, heartbeat: sign.heartbeat, leaderNonce: leader.nonce } as Extract<
    Intention,
    { kind: 'fence' }
  >['basis'];
  return { because, memory, intentions: [{ kind: 'fence', target, basis, reason: because }] };
}

export const fencingRules: readonly Rule[] = [
  {
    id: 'fence-primary',
    band: 'upkeep',
    because:
      'A silent primary is switched off through its fencing devices by the node that is about to take its place.',
    when: fencePrimary,
  },
];
