import { claimOf, quorumOf, recordedClaim, sameClaim, withRecord } from '../../claim.ts';
import { type Facts, isBusy } from '../facts.ts';
import type { Handover } from '../memory.ts';
import type { Match } from '../rule.ts';
import { configuredClaim } from '../sync-facts.ts';
import { namesIntention } from './synchronous.ts';

/**
 * The target of a confirmed hand-over has everything, and of the others only some have each write: that is recorded before the term is released, so that the target need
 * not hear them and no other node takes the term by what it hears. PostgreSQL's file comes first, for the case that the hand-over is taken back. Undefined
 * when the record says so.
 */
export function narrowRecord(facts: Facts, handover: Handover): Match | undefined {
  const { hold, seen, postgres } = facts;
  if (hold === undefined || postgres === undefined) return undefined;
  const because = `Hand-over to ${handover.to}: it is recorded that it has everything.`;
  if (hold.state === undefined || isBusy(facts, 'postgres.synchronous')) return { because };
  if (quorumOf(recordedClaim(hold.state, seen.me)) === undefined) return undefined;
  const claim = claimOf([handover.to]);
  if (!sameClaim(configuredClaim(postgres), claim))
    return { because, intentions: [namesIntention(claim, because)] };
  const next = withRecord(hold.state, seen.me, claim);
  return { because, intentions: [{ kind: 'write-state', token: hold.token, next, reason: because }] };
}
