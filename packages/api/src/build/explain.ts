import type { ExplainDocument } from '../explain.ts';
import { nodeStatus } from './node.ts';
import { type StatusInput, viewFacts } from './view-facts.ts';

/** What the group's keys tell of each node's reasons; the rules are those of its last publication, at most some seconds old. */
export function buildExplainFromGroup(input: StatusInput): ExplainDocument {
  const facts = viewFacts(input);
  return {
    schema: 1,
    cluster: input.cluster,
    group: input.group,
    atWallMs: input.atWallMs,
    node: input.node,
    source: input.source,
    missing: input.missing ?? [],
    nodes: facts.names.map((name) => {
      const { role, doing, candidacy, problems } = nodeStatus(facts, name);
      return { name, role, doing, candidacy, problems, rules: facts.member(name)?.rules };
    }),
  };
}
