import { nodeId, presentValue } from '@hamn/core';
import type { ViewFacts } from '../build/view-facts.ts';
import { type Problem, problem } from '../problem.ts';

/** How the last try to fence the holder of the term went, while it counts. */
export function fencingProblems({ view, holder, token, holderHeardOf }: ViewFacts): readonly Problem[] {
  if (holder === undefined || holderHeardOf) return [];
  const entry = view.fencing.get(nodeId(holder));
  const fence = entry === undefined ? undefined : presentValue(entry);
  if (fence === undefined || fence.token !== token || fence.stage !== 'failed') return [];
  return [
    problem(
      'error',
      `${fence.by} could not fence ${holder}: ${fence.message}`,
      `See docs/runbooks/fencing.md. Once you know that ${holder} is off: \`hamnctl fence ${holder} --confirmed-by-hand\`.`,
    ),
  ];
}
