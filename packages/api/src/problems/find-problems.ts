import type { ViewFacts } from '../build/view-facts.ts';
import type { Problem } from '../problem.ts';
import { fencingProblems } from './fencing-problems.ts';
import { keyProblems } from './key-problems.ts';
import { nodeProblems } from './node-problems.ts';
import { replicationProblems } from './replication-problems.ts';
import { roleProblems } from './role-problems.ts';
import { serviceNodesProblems } from './service-nodes-problems.ts';
import { vipProblems } from './vip-problems.ts';

/** All that is wrong as the keys tell it, errors first. One cause is told once where it can be seen to be one. */
export function findProblems(facts: ViewFacts): readonly Problem[] {
  const found = [
    ...keyProblems(facts),
    ...roleProblems(facts),
    ...fencingProblems(facts),
    ...vipProblems(facts),
    ...replicationProblems(facts),
    ...nodeProblems(facts),
    ...serviceNodesProblems(facts),
  ];
  const texts = new Set<string>();
  const once = found.filter(({ text }) => !texts.has(text) && texts.add(text) !== undefined);
  return [
    ...once.filter(({ severity }) => severity === 'error'),
    ...once.filter(({ severity }) => severity === 'warning'),
  ];
}
