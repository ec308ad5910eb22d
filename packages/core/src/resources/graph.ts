import { type Failure, fail, ok, type Result } from '../result.ts';
import { type GraphProblem, graphProblems } from './graph-problems.ts';
import { followsByKind } from './implied.ts';
import { traitsOf } from './kinds/kinds.ts';
import type { ResourceTraits } from './kinds/traits.ts';
import { type Edges, isReached, reached } from './reach.ts';
import type { ResourceSettings } from './resource.ts';

/** The resources of a group with everything that comes before and after each. */
export interface ResourceGraph {
  /** In an order in which they could start one by one: what has the same depth in the order in which it was written. */
  readonly nodes: readonly ResourceNode[];
  readonly byName: ReadonlyMap<string, ResourceNode>;
}

export interface ResourceNode {
  readonly settings: ResourceSettings;
  readonly traits: ResourceTraits;
  /** What it is directly after: as written, and by its kind where that is not said already. */
  readonly after: readonly string[];
  /** All that must be well before it starts. */
  readonly before: ReadonlySet<string>;
  /** All that must have stopped before it stops. */
  readonly dependents: ReadonlySet<string>;
  /** The longest chain to it: 0 for what waits for nothing. */
  readonly depth: number;
  /** The longest chain that waits for it: 0 for what nothing waits for. */
  readonly height: number;
}

/** Errors: `bad-resources`, whose message has a sentence for each problem. */
export function resourceGraph(
  resources: readonly ResourceSettings[],
): Result<ResourceGraph, GraphProblem['code']> {
  const problems = graphProblems(resources);
  const [first] = problems;
  if (first !== undefined) {
    const failure: Failure<GraphProblem['code']> = {
      code: first.code,
      message: problems.map((problem) => problem.message).join('\n'),
    };
    return fail(failure.code, failure.message);
  }
  return ok(graphOf(resources));
}

function graphOf(resources: readonly ResourceSettings[]): ResourceGraph {
  const edges = withImplied(resources);
  const backwards = reversed(edges);
  const depths = depthsOf(edges);
  const heights = depthsOf(backwards);
  const nodes = resources
    .map((settings): ResourceNode => {
      const { name } = settings;
      return {
        settings,
        traits: traitsOf(settings.what),
        after: nearestOnly(edges, name),
        before: reached(edges, name),
        dependents: reached(backwards, name),
        depth: depths.get(name) ?? 0,
        height: heights.get(name) ?? 0,
      };
    })
    .sort((a, b) => a.depth - b.depth);
  return { nodes, byName: new Map(nodes.map((node) => [node.settings.name, node])) };
}

/** What is written, and what follows from the kinds unless that would make a circle with it: the admin's word counts first. */
function withImplied(resources: readonly ResourceSettings[]): Edges {
  const edges = new Map(resources.map(({ name, after }) => [name, [...after]]));
  for (const resource of resources) {
    for (const other of resources) {
      const list = edges.get(resource.name) ?? [];
      if (!followsByKind(resource, other) || list.includes(other.name)) continue;
      if (!isReached(edges, other.name, resource.name)) list.push(other.name);
    }
  }
  return edges;
}

function reversed(edges: Edges): Edges {
  const back = new Map<string, string[]>([...edges.keys()].map((name) => [name, []]));
  for (const [name, list] of edges) for (const other of list) back.get(other)?.push(name);
  return back;
}

/** Without what is already said by another one of them: for people, who read a tree. */
function nearestOnly(edges: Edges, name: string): readonly string[] {
  const list = edges.get(name) ?? [];
  return list.filter((one) => !list.some((other) => other !== one && isReached(edges, other, one)));
}

function depthsOf(edges: Edges): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  const depth = (name: string): number => {
    const seen = depths.get(name);
    if (seen !== undefined) return seen;
    const own = Math.max(-1, ...(edges.get(name) ?? []).map(depth)) + 1;
    depths.set(name, own);
    return own;
  };
  for (const name of edges.keys()) depth(name);
  return depths;
}
