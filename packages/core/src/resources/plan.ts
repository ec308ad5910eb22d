import { after, between, type Instant, longAgo } from '../brands.ts';
import { describe } from './describe.ts';
import { limitOf } from './digest.ts';
import type { ResourceGraph } from './graph.ts';
import type { ResourceMemory, ResourcesMemory } from './memory.ts';
import {
  isGivenUp,
  isWell,
  type Standing,
  type Standings,
  standings,
  stepOf,
  stopsAfter,
  waitsFor,
  wantNow,
} from './standing.ts';
import type { ResourceAct, ResourceSeen, ResourceState } from './states.ts';
import type { WantedRole } from './wants.ts';

/**
 * What is to be done to resources. A stop or kill ends what is in flight on the same resource. What has `onTerm` is carried out only while the
 * term is held; the rest makes the node more harmless, or changes nothing.
 */
export type ResourceIntention =
  | {
      readonly kind: 'resource.act';
      readonly name: string;
      readonly act: ResourceAct;
      readonly limitMs: number;
      readonly onTerm: boolean;
      readonly reason: string;
    }
  /** It could not be stopped and must not run here: the guard is to make this node harmless. */
  | { readonly kind: 'resource.self-fence'; readonly name: string; readonly reason: string }
  /** Its restarts are used up, and it is worth the role: another node, if one can, is to have it. */
  | { readonly kind: 'resource.fail-over'; readonly name: string; readonly reason: string };

export interface ResourcePlan {
  readonly intentions: readonly ResourceIntention[];
  readonly memory: ResourcesMemory;
  readonly states: ReadonlyMap<string, ResourceState>;
  /** What each one is believed to be, for the summary. */
  readonly standings: Standings;
}

/** One round: total, without effects, the same for the same arguments. `seen` may lack resources: these were not looked at yet. */
export function planResources(
  graph: ResourceGraph,
  wanted: WantedRole,
  seen: ReadonlyMap<string, ResourceSeen>,
  before: ResourcesMemory,
  now: Instant,
): ResourcePlan {
  const all = standings(graph, wanted, seen, before, now);
  const intentions: ResourceIntention[] = [];
  const memory = new Map<string, ResourceMemory>();
  const states = new Map<string, ResourceState>();
  for (const one of all.values()) {
    intentions.push(...nextFor(one, all, now), ...failOver(one));
    const state = describe(one, all);
    states.set(one.name, state);
    const same = one.memory.state?.kind === state.kind ? one.memory.state : undefined;
    memory.set(one.name, { ...one.memory, state: same ?? { kind: state.kind, since: now } });
  }
  return { intentions: inOrder(intentions, graph), memory, states, standings: all };
}

/** What the longest chain waits for is started first: what starts side by side is in each other's way for a while. */
function inOrder(
  intentions: readonly ResourceIntention[],
  graph: ResourceGraph,
): readonly ResourceIntention[] {
  const urgency = (one: ResourceIntention): number => {
    const rises = one.kind === 'resource.act' && (one.act === 'start' || one.act === 'promote');
    return rises ? -(graph.byName.get(one.name)?.height ?? 0) : Number.NEGATIVE_INFINITY;
  };
  return intentions.toSorted((a, b) => (urgency(a) === urgency(b) ? 0 : urgency(a) - urgency(b)));
}

function failOver(one: Standing): readonly ResourceIntention[] {
  const { verdict, name, want, managed } = one;
  if (verdict.kind !== 'given-up' || verdict.outcome !== 'failover' || want === 'stopped' || !managed)
    return [];
  // An admin, or time, has put it right meanwhile.
  if (isWell(one)) return [];
  const { restarts, windowMs } = one.node.settings.failure;
  const reason = `${name} failed more than ${restarts} times within ${windowMs} ms: ${verdict.reason}`;
  return [{ kind: 'resource.fail-over', name, reason }];
}

function nextFor(one: Standing, all: Standings, now: Instant): readonly ResourceIntention[] {
  const step = stepOf(one);
  const isActing = one.busy !== undefined && one.busy !== 'monitor';
  if (isActing) return interrupt(one, all);
  if (step === 'self-fence') {
    const reason = `${one.name} could not be stopped: ${one.memory.escalation?.reason ?? ''}`;
    return [{ kind: 'resource.self-fence', name: one.name, reason }];
  }
  if (step === 'kill')
    return [act(one, 'kill', `it could not be stopped: ${one.memory.escalation?.reason ?? ''}`)];
  if (step === 'report' || !one.managed) return look(one, now);
  const next = one.node.traits.once ? nextForJob(one, all, now) : nextLevel(one, all, now);
  return next === undefined ? look(one, now) : [next];
}

/** Stopping never waits for a start to come to its end. */
function interrupt(one: Standing, all: Standings): readonly ResourceIntention[] {
  const isRising = one.busy === 'start' || one.busy === 'promote';
  if (!isRising || wantNow(one) !== 'stopped' || !one.managed || stopsAfter(one, all).length > 0) return [];
  return [act(one, 'stop', whyStopped(one))];
}

/** The first restart follows at once, the second a second later, then twice as long each time: what fails at once must not use all up at once. */
const longestPauseMs = 10_000;

function rests({ verdict, memory }: Standing, now: Instant): boolean {
  const last = memory.failures.times.at(-1);
  if (verdict.kind !== 'restart' || verdict.count < 2 || last === undefined) return false;
  return now < after(last, Math.min(longestPauseMs, 1000 * 2 ** (verdict.count - 2)));
}

function nextForJob(one: Standing, all: Standings, now: Instant): ResourceIntention | undefined {
  if (wantNow(one) === 'stopped' || one.hasRun || isGivenUp(one) || rests(one, now)) return undefined;
  if (waitsFor(one, all).length > 0) return undefined;
  return act(one, 'start', 'it runs once after each take-over');
}

function nextLevel(one: Standing, all: Standings, now: Instant): ResourceIntention | undefined {
  const want = wantNow(one);
  const { level } = one.memory;
  if (level === 'unlooked') return undefined;
  const mayStop = (): boolean => stopsAfter(one, all).length === 0;
  if (want === 'stopped')
    return level !== 'stopped' && mayStop() ? act(one, 'stop', whyStopped(one)) : undefined;
  if (level === 'failed' || level === 'unknown')
    return mayStop() ? act(one, 'stop', `it has failed: ${one.memory.reason}`) : undefined;
  if (level === 'promoted' && want === 'running') {
    if (!mayStop()) return undefined;
    return act(one, one.node.traits.demotable ? 'demote' : 'stop', 'this node is not to have it promoted');
  }
  if (isGivenUp(one)) return undefined;
  if (level === 'stopped') {
    // What works on it must not find it coming and going.
    if ((one.node.traits.carries && !mayStop()) || rests(one, now)) return undefined;
    // The other half of what is promoted may run everywhere.
    if (one.forbidden !== undefined && !one.node.traits.promotable) return undefined;
    return waitsFor(one, all).length === 0 ? act(one, 'start', whyStarted(one)) : undefined;
  }
  if (level === 'running' && want === 'promoted' && one.forbidden === undefined)
    return waitsFor(one, all).length === 0
      ? act(one, 'promote', 'this node is to have it promoted')
      : undefined;
  if (level === 'running' && want === 'running' && one.leftBehind)
    return act(
      one,
      'outdate',
      'the primary writes without this copy, which must not be promoted before it is level again',
    );
  return undefined;
}

/** A look when none is younger than the interval; soon after a bad one; at once when nothing is known. */
function look(one: Standing, now: Instant): readonly ResourceIntention[] {
  if (one.node.traits.once || one.busy !== undefined) return [];
  const { intervalMs, confirmAfterMs } = one.node.settings.monitor;
  const { lookedAt, level, badLooks, lateStart, actedAt } = one.memory;
  const isUrgent = badLooks > 0 || level === 'unlooked';
  const dueMs = isUrgent ? Math.min(confirmAfterMs, intervalMs) : intervalMs;
  const isFirst = lookedAt === longAgo || (level === 'unlooked' && lookedAt <= actedAt);
  if (!isFirst && lateStart === undefined && between(lookedAt, now) < dueMs) return [];
  return [act(one, 'monitor', isUrgent ? 'it is not certain how it is' : 'it is looked at now and then')];
}

function act(one: Standing, what: ResourceAct, reason: string): ResourceIntention {
  const rises = what === 'start' || what === 'promote';
  const onTerm = rises && (one.node.settings.runs === 'primary' || one.want === 'promoted');
  return {
    kind: 'resource.act',
    name: one.name,
    act: what,
    limitMs: limitOf(one.node, what),
    // A standby's copy starts without a term, also where this node is about to promote it.
    onTerm: onTerm && !(what === 'start' && one.node.settings.runs === 'all'),
    reason,
  };
}

const whyStopped = (one: Standing): string =>
  one.heldBy === undefined ? 'it is not to run here' : `it works on ${one.heldBy}, which has failed`;

function whyStarted({ verdict, node }: Standing): string {
  if (verdict.kind === 'restart')
    return `restart ${verdict.count} of ${verdict.of}, because: ${verdict.reason.replace(/\.$/, '')}`;
  return node.settings.runs === 'primary' ? 'the role’s resources start here' : 'it is to run here';
}
