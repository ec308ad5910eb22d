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
  return differing
    .filter(([, own, theirs]) => own !== theirs)
    .map(
      ([name, own, theirs]) =>
        `The ${name} of ${file.node} is ${own} in the node file, but ${theirs} in the cluster's settings. Make them equal.`,
    );
}
