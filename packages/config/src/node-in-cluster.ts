import { didYouMean } from '@hamn/core';
import type { ClusterSettings } from './cluster-settings.ts';
import type { NodeFile } from './node-file.ts';

/** Where a node's own file and the cluster's settings contradict each other: full sentences, none when they agree. */
export function nodeMismatches(file: NodeFile, settings: ClusterSettings): readonly string[] {
  const known = settings.nodes.find((node) => node.name === file.node);
  if (known === undefined) {
    const names = settings.nodes.map((node) => node.name);
    return [
      `The node file says that this is node '${file.node}', but the cluster's settings know only ${names.join(', ')}.` +
        `${didYouMean(file.node, names)} Correct \`node\` in the node file, or add the node to the settings.`,
    ];
  }
  const differing: readonly (readonly [name: string, own: unknown, theirs: unknown])[] = [
    ['address', file.address, known.address],
    ['role', file.role, known.role],
    ['API port', file.api.port, known.apiPort],
  ];
  return [
    ...differing
      .filter(([, own, theirs]) => own !== theirs)
      .map(
        ([name, own, theirs]) =>
          `The ${name} of ${file.node} is ${own} in the node file, but ${theirs} in the cluster's settings. Make them equal.`,
      ),
    ...otherGroup(file, settings),
  ];
}

function otherGroup({ node, group }: NodeFile, { groups }: ClusterSettings): readonly string[] {
  const isIn = (name: string): boolean => groups.get(name)?.nodes.some((each) => each.name === node) === true;
  // A group that the settings do not have is told by whoever looks for it.
  if (!groups.has(group) || isIn(group)) return [];
  const own = [...groups.keys()].find(isIn);
  return [
    own === undefined
      ? `The cluster's settings have ${node} in no group. Name it below \`nodes\` of a group.`
      : `The node file says that ${node} is in group ${group}, but the cluster's settings have it in ${own}. Write \`group: ${own}\` into the node file, or move the node in the settings.`,
  ];
}
