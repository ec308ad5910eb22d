import type { ClusterText } from '../cluster-schema.ts';
import { groupNodes } from '../group-nodes.ts';
import { type Finding, wrong } from './finding.ts';

/** `replicatefrom` of the nodes: who receives from whom, without a loop. */
export function checkCascades(text: ClusterText): readonly Finding[] {
  return Object.entries(text.nodes).flatMap(([name, { replicatefrom }]) => {
    const problem = replicatefrom === undefined ? undefined : against(text, name, replicatefrom);
    return problem === undefined ? [] : [wrong(['nodes', name, 'replicatefrom'], replicatefrom, problem)];
  });
}

function against(text: ClusterText, name: string, from: string): string | undefined {
  const { nodes } = text;
  const upstream = Object.hasOwn(nodes, from) ? nodes[from] : undefined;
  if (nodes[name]?.role === 'witness')
    return `${name} is a witness and keeps no data: take \`replicatefrom\` away.`;
  if (upstream === undefined)
    return `There is no node ${from}. Name the data node that ${name} shall receive from.`;
  if (upstream.role === 'witness') return `${from} is a witness and has no data to give. Name a data node.`;
  const group = Object.keys(text.groups).find((each) => Object.hasOwn(groupNodes(text, each), name));
  if (group !== undefined && !Object.hasOwn(groupNodes(text, group), from))
    return `${from} is not in group ${group}, and its data are others. Name a data node of ${name}'s own group.`;
  const path = [name];
  for (let at: string | undefined = from; at !== undefined; at = nodes[at]?.replicatefrom) {
    if (path.includes(at))
      return at === name
        ? `${[...path, at].join(' receives from ')}: nobody in this loop would receive from the primary. Take \`replicatefrom\` away from one.`
        : undefined;
    path.push(at);
  }
  return undefined;
}
