import { after, type Instant, type NodeId } from '../../brands.ts';
import { successors } from '../candidacy.ts';
import type { Facts } from '../facts.ts';
import type { Handover } from '../memory.ts';
import type { Match } from '../rule.ts';

const roleKey = 'postgres.role';

/** Who takes the role over when this node cannot fill it; undefined in a pause, where failover is manual, or where nobody is able. */
export function heir(facts: Facts): NodeId | undefined {
  if (facts.paused || facts.seen.settings.failover === 'manual') return undefined;
  return successors(facts)[0];
}

export function giveAway(facts: Facts, to: NodeId, why: string): Match {
  const handover: Handover = { id: 'failover', to, since: facts.seen.now, reason: why, stoppedAt: undefined };
  return { because: `${why} The role is given to ${to}.`, memory: { handover } };
}

/** A role that cannot be filled here goes to a node that can; without one, the next try follows after a pause, counted from the last one. */
export function giveAwayOrRetry(
  facts: Facts,
  why: string,
  retry: () => Match,
  pause: { readonly ms: number; readonly since?: Instant | undefined } = { ms: 1000 },
): Match {
  const to = heir(facts);
  if (to !== undefined) return giveAway(facts, to, why);
  const last = facts.seen.finished.get(roleKey);
  const failedAt = last !== undefined && !last.ok ? last.at : undefined;
  const until = [pause.since, failedAt].map((at) => (at === undefined ? undefined : after(at, pause.ms)));
  if (until.some((at) => at !== undefined && facts.seen.now < at)) {
    const when = pause.ms > 1000 ? ` after a pause of ${pause.ms} ms` : '';
    return { because: `${why} No other node may take over; the next try follows${when}.` };
  }
  return retry();
}
