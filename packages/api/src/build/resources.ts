import { graphOf, presentValue } from '@hamn/core';
import type { ResourcesDocument } from '../resources.ts';
import { nodeStatus } from './node.ts';
import { type StatusInput, viewFacts } from './view-facts.ts';

/** What the settings and each node's own word tell of the resources. */
export function buildResourcesFromGroup(input: StatusInput): ResourcesDocument {
  const facts = viewFacts(input);
  const { cluster, group, atWallMs, node, source, missing = [], settings, view } = input;
  return {
    schema: 1,
    cluster,
    group,
    atWallMs,
    node,
    source,
    missing,
    resources: (settings === undefined ? [] : graphOf(settings.resources).nodes).map(
      ({ settings: { name, what, runs, failure }, after }) => ({
        name,
        kind: what.kind,
        runs,
        after,
        onFailure: failure.outcome,
        restarts: failure.restarts,
        restartWindowMs: failure.windowMs,
      }),
    ),
    nodes: facts.names
      .filter((name) => settings?.nodes.find((one) => one.name === name)?.role !== 'witness')
      .map((name) => ({
        name,
        role: nodeStatus(facts, name).role,
        states: facts.member(name)?.services ?? [],
      })),
    unmanaged: [...view.unmanaged.values()].flatMap((entry) => presentValue(entry) ?? []),
  };
}
