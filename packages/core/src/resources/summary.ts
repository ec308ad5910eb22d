import { between, type Instant } from '../brands.ts';
import { failureCount } from './failures.ts';
import type { ResourceGraph, ResourceNode } from './graph.ts';
import type { ResourceKindName } from './kinds/kinds.ts';
import type { ResourcePlan } from './plan.ts';
import type { FailureOutcome, ResourceRuns } from './resource.ts';
import type { ResourceStateKind, ResourceWant } from './states.ts';

/** What `hamnctl resources` shows of one node. */
export interface ResourceSummary {
  /** `degraded`: it works without something that is optional, or with less than configured. `failed`: what is worth the role does not run. */
  readonly overall: 'ok' | 'working' | 'degraded' | 'failed';
  readonly tree: readonly ResourceBranch[];
}

/** A resource below the one that it waits for longest; each stands once. */
export interface ResourceBranch {
  readonly name: string;
  readonly kind: ResourceKindName;
  readonly runs: ResourceRuns;
  readonly want: ResourceWant;
  readonly state: ResourceStateKind;
  /** Full sentences; empty where the state says all. */
  readonly reason: string;
  /** How long it has been in this state, as far as this hamnd knows. */
  readonly forMs: number;
  readonly failures: { readonly count: number; readonly restarts: number; readonly windowMs: number };
  /** What else it is directly after, besides the one that it stands below. */
  readonly alsoAfter: readonly string[];
  readonly below: readonly ResourceBranch[];
}

export function resourceSummary(graph: ResourceGraph, plan: ResourcePlan, now: Instant): ResourceSummary {
  const parents = new Map(graph.nodes.map((node) => [node.settings.name, parentOf(graph, node)]));
  const branches = (parent: string | undefined): readonly ResourceBranch[] =>
    graph.nodes
      .filter((node) => parents.get(node.settings.name) === parent)
      .map((node) => branch(node, parent, plan, now, branches(node.settings.name)));
  return { overall: overallOf(graph, plan), tree: branches(undefined) };
}

/** The last one in the order of starts. */
function parentOf(graph: ResourceGraph, { after }: ResourceNode): string | undefined {
  const deepest = (a: string, b: string): number =>
    (graph.byName.get(b)?.depth ?? 0) - (graph.byName.get(a)?.depth ?? 0);
  return [...after].sort(deepest)[0];
}

function branch(
  { settings, after }: ResourceNode,
  parent: string | undefined,
  { states, memory, standings }: ResourcePlan,
  now: Instant,
  below: readonly ResourceBranch[],
): ResourceBranch {
  const { name, what, runs, failure } = settings;
  const own = memory.get(name);
  return {
    name,
    kind: what.kind,
    runs,
    want: standings.get(name)?.want ?? 'stopped',
    state: states.get(name)?.kind ?? 'unknown',
    reason: states.get(name)?.reason ?? '',
    forMs: own?.state === undefined ? 0 : between(own.state.since, now),
    failures: {
      count: own === undefined ? 0 : failureCount(own.failures, failure, now),
      restarts: failure.restarts,
      windowMs: failure.windowMs,
    },
    alsoAfter: after.filter((one) => one !== parent),
    below,
  };
}

function overallOf(
  { nodes }: ResourceGraph,
  { states, standings }: ResourcePlan,
): ResourceSummary['overall'] {
  const judged = nodes.map(({ settings, traits }): ResourceSummary['overall'] => {
    const state = states.get(settings.name)?.kind;
    const one = standings.get(settings.name);
    if (one === undefined || state === undefined || state === 'unmanaged') return 'ok';
    if (state === 'failed' || state === 'absent') return weightOf(settings.failure.outcome);
    if (state === 'degraded') return 'degraded';
    if (traits.once) return one.want === 'stopped' || one.hasRun ? 'ok' : 'working';
    return state === one.want ? 'ok' : 'working';
  });
  const worst = ['failed', 'degraded', 'working'] as const;
  return worst.find((word) => judged.includes(word)) ?? 'ok';
}

/** `ignore` means that nobody is told. */
const weightOf = (outcome: FailureOutcome): ResourceSummary['overall'] => {
  if (outcome === 'failover') return 'failed';
  return outcome === 'degrade' ? 'degraded' : 'ok';
};
