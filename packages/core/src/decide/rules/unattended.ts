import type { Facts } from '../facts.ts';

/** Why no role changes by itself now. What an admin asked of this node does not come here. */
export function againstUnattended(facts: Facts): string | undefined {
  const { seen, paused, request } = facts;
  if (paused) return 'hamn is paused: no change of role by itself (hamnctl resume).';
  if (seen.settings.failover === 'manual') return 'Failover is set to manual: it waits for hamnctl failover.';
  if (request?.kind === 'failover' && request.to !== undefined)
    return `An admin asked for ${request.to} to take over.`;
  return undefined;
}
