import type { NodeId } from '../brands.ts';
import { quorumOf, recordedClaim } from '../claim.ts';
import type { Detached } from '../group/values.ts';
import { parseLsn } from '../lsn.ts';
import type { Observation } from '../observation.ts';
import type { Facts } from './facts.ts';
import type { Memory } from './memory.ts';

/**
 * Where each write is on some of the members only (mode quorum), no candidate knows alone that it has them all. It must hear from so many others, directly,
 * that they receive nothing any more and have no more than it has, that one of those it has heard, or itself, has each acknowledged write. A member that is
 * merely asked may still flush what is on its way from a paused holder, which then acknowledges it. The argument is in docs/safety.md.
 */

/** Who held the term last, of whose writes the record speaks. */
export const lastHolder = ({ leader }: Facts): NodeId | undefined =>
  leader?.kind === 'held' ? leader.holder : leader?.by;

export interface QuorumRecord {
  /** The other members of the recorded set. */
  readonly others: readonly NodeId[];
  /** How many of them must be heard. */
  readonly needed: number;
}

/** The record, where this node is one of those of which only some have each write. */
export function quorumRecord(facts: Facts): QuorumRecord | undefined {
  const { state, seen } = facts;
  const holder = lastHolder(facts);
  if (state === undefined || holder === undefined || holder === seen.me) return undefined;
  const record = recordedClaim(state, holder);
  if (quorumOf(record) === undefined || !record.members.includes(seen.me)) return undefined;
  return {
    others: record.members.filter((node) => node !== seen.me),
    needed: record.members.length - record.count,
  };
}

interface Heard {
  readonly node: NodeId;
  readonly lsn: bigint;
}

/** Statements about exactly the sign that this node would take by: a holder that renewed since kills the take. */
function statements(facts: Facts, nodes: readonly NodeId[]): readonly Heard[] {
  const { seen, server } = facts;
  const sign = seen.term.seen;
  if (sign === undefined || server?.kind !== 'up') return [];
  return nodes.flatMap((node) => {
    const reading = seen.heard.get(node);
    const said: Detached | undefined = reading?.known === true ? reading.value.detached : undefined;
    if (said === undefined || reading?.known !== true || reading.value.node !== node) return [];
    if (said.leader !== sign.leader || said.heartbeat !== sign.heartbeat) return [];
    const at = parseLsn(said.lsn);
    return at.ok && said.timeline === server.timeline ? [{ node, lsn: at.value }] : [];
  });
}

/** Why this node cannot know that it has every acknowledged write; undefined when it does, or another rule says whether it does. */
export function againstQuorum(facts: Facts): string | undefined {
  const { seen, server } = facts;
  const record = quorumRecord(facts);
  if (record === undefined || server?.kind !== 'up') return undefined;
  if (seen.verdict.may && seen.verdict.why === 'mine') return undefined;
  const heard = statements(facts, record.others);
  const ahead = heard.find(({ lsn }) => lsn > server.flushedLsn);
  if (ahead !== undefined) return `${ahead.node} has more than this node, and must take the term.`;
  const missing = record.needed - heard.length;
  if (missing <= 0) return undefined;
  const silent = record.others.filter((node) => heard.every((one) => one.node !== node));
  return `Each write is on some of the synchronous nodes only: ${missing} more of ${silent.join(', ')} must say that nothing reaches it any more, and where it stands.`;
}

/** The first sign that this process read, and whether another one has come since. */
export function watchSigns(seen: Observation, memory: Memory): Partial<Memory> {
  const sign = seen.term.seen;
  if (sign === undefined || memory.signsMoved) return {};
  const first = memory.firstSign;
  if (first === undefined) return { firstSign: { leader: sign.leader, heartbeat: sign.heartbeat } };
  const isSame = first.leader === sign.leader && first.heartbeat === sign.heartbeat;
  return isSame ? {} : { signsMoved: true };
}

/** A statement of this node about the sign that stands now may count for somebody's take: its own, or one of an earlier life of this process. */
export function mustStayDetached(facts: Facts): boolean {
  const { memory, seen, postgres, leader } = facts;
  const sign = seen.term.seen;
  if (quorumRecord(facts) === undefined || leader?.kind !== 'held' || sign === undefined) return false;
  if (memory.detached?.leader === sign.leader && memory.detached.heartbeat === sign.heartbeat) return true;
  return !memory.signsMoved && postgres?.configured.upstream !== leader.holder;
}

/** What this node may say: see `Detached`. */
export function detachedOf({ memory, seen }: Facts): Detached | undefined {
  const { detached } = memory;
  const sign = seen.term.seen;
  if (detached?.end === undefined || sign === undefined || seen.term.phase !== 'candidate') return undefined;
  if (detached.leader !== sign.leader || detached.heartbeat !== sign.heartbeat) return undefined;
  return { leader: sign.leader, heartbeat: sign.heartbeat, ...detached.end };
}
