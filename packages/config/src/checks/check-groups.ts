import { didYouMean, neverLeads } from '@hamn/core';
import type { ClusterText } from '../cluster-schema.ts';
import { groupNodes } from '../group-nodes.ts';
import { doubtful, type Finding, onKey, wrong } from './finding.ts';

/** Which node is in which group. A node has one hamnd and one guard, and each of them looks after one group. */
export function checkGroups(text: ClusterText): readonly Finding[] {
  const names = Object.keys(text.groups);
  if (names.length === 0)
    return [onKey(wrong(['groups'], text.groups, 'No group is named. Name at least one, such as `mn:`.'))];
  const findings = [...namedNodes(text), ...withoutNodes(text)];
  if (findings.length > 0) return findings;
  return [...names.flatMap((name) => withoutLeader(text, name)), ...inNoGroup(text)];
}

function namedNodes({ nodes, groups }: ClusterText): readonly Finding[] {
  const legal = Object.keys(nodes);
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [group, { nodes: named = [] }] of Object.entries(groups))
    for (const [index, name] of named.entries()) {
      const path = ['groups', group, 'nodes', index];
      const owner = owners.get(name);
      owners.set(name, owner ?? group);
      if (!legal.includes(name))
        findings.push(
          wrong(
            path,
            name,
            `The cluster has no node '${name}'.${didYouMean(name, legal)} It has ${legal.join(', ')}.`,
            legal,
          ),
        );
      else if (owner === group)
        findings.push(wrong(path, name, `${name} stands here for the second time. Remove one of the two.`));
      else if (owner !== undefined)
        findings.push(
          wrong(
            path,
            name,
            `${name} is in group ${owner} already. A node has one hamnd and one guard and so is in one group: remove it in one of the two.`,
          ),
        );
    }
  return findings;
}

function withoutNodes({ groups }: ClusterText): readonly Finding[] {
  const open = Object.entries(groups).filter(([, { nodes }]) => nodes === undefined);
  const [first, ...more] = open.map(([name]) => name);
  return more.map((name) =>
    onKey(
      wrong(
        ['groups', name],
        undefined,
        `Of several groups only one can leave out \`nodes\`, and ${first} does already. Say which nodes ${name} has: \`nodes: [...]\`.`,
      ),
    ),
  );
}

/** What is wrong with all nodes of the cluster has been told already. */
function withoutLeader(text: ClusterText, group: string): readonly Finding[] {
  const may = (nodes: ClusterText['nodes']): boolean =>
    Object.values(nodes).some((node) => node.role === 'data' && !neverLeads(node));
  const own = groupNodes(text, group);
  if (may(own) || !may(text.nodes)) return [];
  const named = text.groups[group]?.nodes !== undefined;
  const has = Object.keys(own).length === 0 ? 'no node' : Object.keys(own).join(', ');
  return [
    onKey(
      wrong(
        named ? ['groups', group, 'nodes'] : ['groups', group],
        undefined,
        `Group ${group} has ${has} and so nobody who could lead it. Give it a node with \`role: data\` that may lead.`,
      ),
    ),
  ];
}

function inNoGroup(text: ClusterText): readonly Finding[] {
  const taken = new Set(Object.keys(text.groups).flatMap((group) => Object.keys(groupNodes(text, group))));
  return Object.keys(text.nodes)
    .filter((name) => !taken.has(name))
    .map((name) =>
      onKey(
        doubtful(
          ['nodes', name],
          undefined,
          `${name} is in no group: hamnd would have nothing to do there. Name it below \`nodes\` of a group.`,
        ),
      ),
    );
}
