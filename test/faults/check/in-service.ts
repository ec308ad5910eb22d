import type { StatusDocument } from '@hamn/api';
import { type ClusterOptions, whatIsMissing } from '../../cluster/index.ts';

/** A sentence for each thing that is not back in service; empty when all nodes are. */
export function whatIsAway(status: StatusDocument, options: ClusterOptions): string {
  const away = [whatIsMissing(status, options)].filter((text) => text !== '');
  for (const node of status.nodes) if (!node.reachable) away.push(`${node.name} does not report`);
  for (const member of status.etcd?.members ?? [])
    if (!member.healthy) away.push(`the etcd member ${member.name} is not healthy`);
  if (status.paused !== undefined) away.push('the cluster is paused');
  if (status.request !== undefined) away.push(`a request is open: ${status.request.kind}`);
  return away.join('; ');
}
