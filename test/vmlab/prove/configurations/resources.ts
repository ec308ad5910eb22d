import { type NodeResources, resourcesSchema } from '@hamn/api';
import type { MemberService } from '@hamn/core';
import { monotonicMs } from '../../../client/log.ts';
import { waitFor } from '../../../cluster/index.ts';
import { HEALTHY_LIMIT_MS } from '../../vm-cluster.ts';
import { demand, type ProofSite } from '../proof.ts';
import { askedNode } from './settings.ts';

/** What `hamnctl resources` says of a node; empty while it says nothing. */
export async function resourcesOn(site: ProofSite, node: string): Promise<readonly MemberService[]> {
  const asked = await site.lab.exec(askedNode(site), ['hamnctl', 'resources', '--json'], {
    timeoutMs: 20_000,
  });
  const parsed = asked.code === 0 ? resourcesSchema.safeParse(JSON.parse(asked.stdout)) : undefined;
  const nodes: readonly NodeResources[] = parsed?.success === true ? parsed.data.nodes : [];
  return nodes.find(({ name }) => name === node)?.states ?? [];
}

export const isWell = ({ state }: MemberService): boolean => state === 'running' || state === 'promoted';

/** Waits until these resources are all as `isRight` wants them on the node; gives the milliseconds that it took. */
export async function untilResources(
  site: ProofSite,
  node: string,
  names: readonly string[],
  isRight: (resource: MemberService) => boolean = isWell,
  limitMs: number = HEALTHY_LIMIT_MS,
): Promise<number> {
  const begunMs = monotonicMs();
  let last: readonly MemberService[] = [];
  const seen = await waitFor(limitMs, 1000, async () => {
    last = (await resourcesOn(site, node)).filter(({ name }) => names.includes(name));
    return last.length === names.length && last.every(isRight) ? true : undefined;
  });
  demand(seen === true, `${node}: ${tell(last) || `nothing is known of ${names.join(', ')}`}.`);
  return monotonicMs() - begunMs;
}

/** `install is failed (it hangs)`, for each of them. */
export const tell = (resources: readonly MemberService[]): string =>
  resources
    .map(({ name, state, reason }) => `${name} is ${state}${reason === undefined ? '' : ` (${reason})`}`)
    .join('; ');
