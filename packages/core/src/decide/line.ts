import type { NodeId } from '../brands.ts';
import type { Promotion } from '../group/values.ts';
import type { LocalFacts, WalLine } from '../local-facts.ts';
import { type Facts, memberOf } from './facts.ts';

/**
 * Two promotions can make the same timeline number. What tells them apart is the token; this file knows under which token the data here was made.
 * The number alone proves nothing: PostgreSQL itself streams from a server whose timeline has the same number.
 */

/** The token under which timeline `timeline` of this node's data was made, by its own disk; undefined when it is not known. */
export function tokenOfTimeline(local: LocalFacts, timeline: number): number | undefined {
  // What is written down later takes the earlier of the same number away (`withPromotion`, `withLine`).
  if (local.line?.timeline === timeline) return local.line.token;
  return local.promotions.findLast((promotion) => promotion.fromTimeline + 1 === timeline)?.token;
}

/** How the data on `timeline` stands to the promotion of that number which the group has recorded. */
export type Descent = 'same' | 'other' | 'unknown';

export function descentOf(local: LocalFacts, timeline: number, of: Promotion): Descent {
  const token = timeline === of.timeline ? tokenOfTimeline(local, timeline) : undefined;
  if (token === undefined) return 'unknown';
  return token === of.token ? 'same' : 'other';
}

/**
 * What this node's data is seen to be now, to be written down: the holder's own, recorded promotion; or what streams from the holder, or from a standby that is known to be of its line. A promotion that the holder has not
 * recorded yet counts, too: it may never be. Undefined when nothing is seen that is not written down already.
 */
export function lineToRecord(facts: Facts): WalLine | undefined {
  const line = lineSeen(facts);
  if (line === undefined) return undefined;
  const kept = facts.seen.local.line;
  return kept?.token === line.token && kept.timeline === line.timeline ? undefined : line;
}

/** A standby that others may learn the line from: its own disk says that its data is of it. */
function isOfLine(facts: Facts, node: NodeId | undefined, { token, timeline }: WalLine): boolean {
  const it = node === undefined ? undefined : memberOf(facts, node)?.postgres;
  return it?.state === 'standby' && it.timeline === timeline && it.lineToken === token;
}

function lineSeen(facts: Facts): WalLine | undefined {
  const { hold, server, state, leader, group, postgres, seen } = facts;
  if (server?.kind !== 'up') return undefined;
  if (!server.inRecovery) {
    const last = hold?.state?.promotions.at(-1);
    const isRecorded = last !== undefined && last.token === hold?.token && last.timeline === server.timeline;
    return isRecorded ? { token: last.token, timeline: last.timeline } : undefined;
  }
  if (leader?.kind !== 'held' || leader.holder === seen.me || group?.leader.kind !== 'present')
    return undefined;
  if (!server.streaming || state === undefined) return undefined;
  const token = Number(group.leader.mod);
  const from = postgres?.configured.upstream;
  if (from !== leader.holder && !isOfLine(facts, from, { token, timeline: server.timeline }))
    return undefined;
  const recorded = state.promotions.findLast((promotion) => promotion.timeline === server.timeline);
  // A number that an earlier term has made: the holder is not promoted yet, or its older number is the same.
  if (recorded !== undefined && recorded.token !== token) return undefined;
  // Known to be another's: streaming is no proof, it goes by the number.
  if (recorded !== undefined && descentOf(seen.local, server.timeline, recorded) === 'other')
    return undefined;
  return { token, timeline: server.timeline };
}
