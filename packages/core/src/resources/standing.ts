import { after, type Instant } from '../brands.ts';
import { digest, isOverdue } from './digest.ts';
import { escalationStep } from './escalate.ts';
import { judgeFailures, type Verdict } from './failures.ts';
import type { ResourceGraph, ResourceNode } from './graph.ts';
import type { EscalationStep } from './kinds/traits.ts';
import { freshResource, isGood, type ResourceMemory, type ResourcesMemory } from './memory.ts';
import { isOptional } from './resource.ts';
import { type ResourceAct, type ResourceSeen, type ResourceWant, unseen } from './states.ts';
import { isManaged, type WantedRole, wantOf } from './wants.ts';

/** One resource with all that the plan asks about it. */
export interface Standing {
  readonly node: ResourceNode;
  readonly name: string;
  /** What it is to be here. */
  readonly want: ResourceWant;
  /** What it lies on is broken: until that is well again it must not run. */
  readonly heldBy: string | undefined;
  readonly managed: boolean;
  /** Why it must not (or, without its package, cannot) rise here, two sentences; what is up already stays. */
  readonly forbidden: string | undefined;
  /** The primary writes what this node's copy does not get. */
  readonly leftBehind: boolean;
  readonly memory: ResourceMemory;
  readonly verdict: Verdict;
  /** What is being done to it and is not overdue. */
  readonly busy: ResourceAct | undefined;
  /** The job has run in this term. */
  readonly hasRun: boolean;
}

export type Standings = ReadonlyMap<string, Standing>;

export function standings(
  graph: ResourceGraph,
  wanted: WantedRole,
  seen: ReadonlyMap<string, ResourceSeen>,
  before: ResourcesMemory,
  now: Instant,
): Standings {
  const all = graph.nodes.map((node) =>
    standingOf(
      node,
      wanted,
      seen.get(node.settings.name) ?? unseen,
      before.get(node.settings.name) ?? freshResource,
      now,
    ),
  );
  const broken = all.filter(isBrokenCarrier);
  return new Map(
    all.map((one) => {
      const heldBy = broken.find((carrier) => carrier.node.dependents.has(one.name))?.name;
      return [one.name, heldBy === undefined || one.want === 'stopped' ? one : { ...one, heldBy }];
    }),
  );
}

function standingOf(
  node: ResourceNode,
  wanted: WantedRole,
  seen: ResourceSeen,
  before: ResourceMemory,
  now: Instant,
): Standing {
  const want = wantOf(node, wanted);
  const managed = isManaged(node, want, wanted);
  const counts = managed && want !== 'stopped';
  const digested = digest({ node, now, term: wanted.term, counts }, seen, before);
  const memory = triedAgain(node, want, digested, now, wanted.harmlessAt);
  return {
    node,
    name: node.settings.name,
    want,
    heldBy: undefined,
    managed,
    forbidden: whyForbidden(node, wanted) ?? memory.absent,
    leftBehind: memory.copy === 'parted' && wanted.ahead?.has(node.settings.name) === true,
    memory,
    verdict: judgeFailures(memory.failures, node.settings.failure, now),
    busy: seen.inFlight === undefined || isOverdue(node, seen, now) ? undefined : seen.inFlight.act,
    hasRun: node.traits.once && wanted.term !== undefined && memory.ranFor === wanted.term,
  };
}

function whyForbidden({ settings, traits }: ResourceNode, { unprotected }: WantedRole): string | undefined {
  if (unprotected === undefined || settings.unfenced || traits.destroyedByTwo === undefined) return undefined;
  return `${unprotected} It must never be on two nodes: ${traits.destroyedByTwo}.`;
}

/** What was only reported is not left for ever: after its window it is looked at and stopped again. So is what the guard has acted for since. */
function triedAgain(
  node: ResourceNode,
  want: ResourceWant,
  memory: ResourceMemory,
  now: Instant,
  harmlessAt: Instant | undefined,
): ResourceMemory {
  const { escalation } = memory;
  if (escalation === undefined) return memory;
  const step = stepOf({ node, want, memory });
  if (
    step === 'self-fence' &&
    want === 'stopped' &&
    harmlessAt !== undefined &&
    harmlessAt > escalation.since
  )
    return { ...memory, escalation: undefined, level: 'unlooked' };
  if (step !== 'report') return memory;
  if (now < after(escalation.since, node.settings.failure.windowMs)) return memory;
  return { ...memory, escalation: undefined, level: 'unlooked' };
}

/** What comes after it works on it, and it is not there. */
function isBrokenCarrier(one: Standing): boolean {
  if (!one.node.traits.carries || !one.managed || one.want === 'stopped' || isOut(one)) return false;
  const { level } = one.memory;
  return level === 'stopped' || level === 'failed' || level === 'unknown';
}

/** Now, with what holds it taken into account. */
export const wantNow = (one: Standing): ResourceWant => (one.heldBy === undefined ? one.want : 'stopped');

/** The step that a failed stop is at. What runs on every node, or is optional, is not worth the role while it belongs here. */
export function stepOf({
  node,
  memory,
  want,
}: Pick<Standing, 'node' | 'memory' | 'want'>): EscalationStep | undefined {
  if (memory.escalation === undefined) return undefined;
  const step = escalationStep(node.traits.escalation, memory.escalation);
  if (step !== 'self-fence' || want === 'stopped') return step;
  return node.settings.runs === 'all' || isOptional(node.settings) ? 'report' : step;
}

export const isGivenUp = (one: Standing): boolean => one.verdict.kind === 'given-up';

/** It is optional, is not there or has failed for good, and nothing more is done about it: nothing waits for it. */
export function isOut(one: Standing): boolean {
  if (!isOptional(one.node.settings)) return false;
  if (stepOf(one) === 'report' || one.memory.absent !== undefined) return true;
  // Whether it fails is seen by rules of its own, which count nothing: an address that is not worth the role is not waited for at all.
  if (one.node.settings.what.kind === 'vip') return true;
  const { level } = one.memory;
  // Its promotion has failed for good: it is left as it is.
  return isGivenUp(one) && (level === 'stopped' || (level === 'running' && wantNow(one) === 'promoted'));
}

/** What comes after it may start. */
export function isWell(one: Standing): boolean {
  if (one.want === 'stopped' || one.hasRun || isOut(one)) return true;
  const { level, badLooks } = one.memory;
  if (!one.managed && isOptional(one.node.settings)) return true;
  if (one.busy !== undefined && one.busy !== 'monitor') return false;
  if (wantNow(one) === 'stopped' || badLooks > 0) return false;
  return one.want === 'promoted' ? level === 'promoted' : isGood(level);
}

/** It need not be waited for before what it lies on or comes after is stopped. */
function isOutOfTheWay(one: Standing): boolean {
  if (!one.managed || wantNow(one) !== 'stopped' || stepOf(one) === 'report') return true;
  if (one.busy !== undefined && one.busy !== 'monitor') return false;
  return one.node.traits.once || one.memory.level === 'stopped';
}

/** It is to have stopped here and has not, and that is hamn's business. */
export const isLeft = (one: Standing): boolean => one.want === 'stopped' && !isOutOfTheWay(one);

const lookup = (all: Standings, names: ReadonlySet<string>): readonly Standing[] =>
  [...names].flatMap((name) => all.get(name) ?? []);

/** What it waits for before it may start; what is itself waiting is left out where its own reason is in the list. */
export function waitsFor(one: Standing, all: Standings): readonly string[] {
  const open = lookup(all, one.node.before).filter((other) => !isWell(other));
  const names = new Set(open.map((other) => other.name));
  return open
    .filter((other) => ![...other.node.before].some((name) => names.has(name)))
    .map((other) => other.name);
}

/** What must stop before it may stop. */
export const stopsAfter = (one: Standing, all: Standings): readonly string[] =>
  lookup(all, one.node.dependents)
    .filter((other) => !isOutOfTheWay(other))
    .map((other) => other.name);
