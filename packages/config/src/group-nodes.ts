import type { ClusterText, NodeText } from './cluster-schema.ts';

/** The nodes of a group by name: those that it names, or all that no other group does. A name that no node has is left out. */
export function groupNodes(
  { nodes, groups }: Pick<ClusterText, 'nodes' | 'groups'>,
  group: string,
): Readonly<Record<string, NodeText>> {
  const own = groups[group]?.nodes;
  const others = Object.entries(groups).flatMap(([name, { nodes: named = [] }]) =>
    name === group ? [] : named,
  );
  return Object.fromEntries(
    Object.entries(nodes).filter(([name]) =>
      own === undefined ? !others.includes(name) : own.includes(name),
    ),
  );
}
