import type { NodeId } from '../brands.ts';
import { quorumOf, recordedClaim } from '../claim.ts';
import type { Detached } from '../group/detached-value.ts';
import { parseLsn } from '../lsn.ts';
import type { Observation } from '../observation.ts';
import { readValue } from '../reading.ts';
import type { Facts } from './facts.ts';
import type { Memory } from './memory.ts';

/**
 * Where the record counts only some of its members (mode quorum), no candidate knows by itself that it has every acknowledged write. Of the N members all but
 * k - 1 must have said, to the candidate itself, that they receive nothing any more and how far they are: then each write that the last holder acknowledged, or may
 * still acknowledge when it thaws, is on one of these, and the furthest of them has them all. The argument is in docs/safety.md, "The record is a claim".
 */

export interface QuorumRecord {
  /** The other members of the record. */
  readonly others: readonly NodeId[];
  /** How many of them this node must hear: with itself all but k - 1. */
  readonly needed: number;
}

/** The record, where this node is a member of one that counts only some; undefined where its membership alone says enough, or it held the term itself. */
export function quorumRecord({ state, leader, seen }: Facts): QuorumRecord | undefined {
  const holder = leader?.kind === 'held' ? leader.holder : leader?.by;
  if (state === undefined || holder === undefined || holder === seen.me) return undefined;
  const record = recordedClaim(state, holder);
  if (quorumOf(record) === undefined || !record.members.includes(seen.me)) return undefined;
  const others = record.members.filter((node) => node !== seen.me);
  return { others, needed: record.members.length - record.count };
}

/** One sign of the holder, as a take compares it. */
type Sign = Pick<Detached, 'leader' | 'heartbeat'>;

const isSameSign = (a: Sign | undefined, b: Sign | undefined): boolean =>
  a !== undefined && b !== undefined && a.leader === b.leader && a.heartbeat === b.heartbeat;

interface Heard {
  readonly node: NodeId;
  readonly lsn: bigint;
}

/** Statements about exactly the sign that this node would take by: when the holder renews after all, they count no more, and the take fails by its compare. */
function statements({ seen, server }: Facts, nodes: readonly NodeId[]): readonly Heard[] {
  if (server?.kind !== 'up') return [];
  return nodes.flatMap((node) => {
    const reading = seen.heard.get(node);
    const member = reading === undefined ? undefined : readValue(reading);
    const said = member?.node === node ? member.detached : undefined;
    if (said === undefined || !isSameSign(said, seen.term.seen)) return [];
    const at = parseLsn(said.lsn);
    return at.ok && said.timeline === server.timeline ? [{ node, lsn: at.value }] : [];
  });
}

/** Why this node cannot know that it has every acknowledged write; undefined when it does, or when that is judged elsewhere. */
export function againstQuorum(facts: Facts): string | undefined {
  const record = quorumRecord(facts);
  const { server } = facts;
  if (record === undefined || server?.kind !== 'up') return undefined;
  const heard = statements(facts, record.others);
  const ahead = heard.find(({ lsn }) => lsn > server.flushedLsn);
  if (ahead !== undefined) return `${ahead.node} has more of the WAL than this node, and must take the term.`;
  const missing = record.needed - heard.length;
  if (missing <= 0) return undefined;
  const silent = record.others.filter((node) => heard.every((one) => one.node !== node));
  const whom = missing === silent.length ? silent.join(' and ') : `${missing} of ${silent.join(', ')}`;
  return `Each write is on some of the synchronous standbys only: ${whom} must say that nothing reaches it any more, and how far it is.`;
}

/** What an admin is told while the holder lives. */
export function quorumText(facts: Facts): string | undefined {
  const record = quorumRecord(facts);
  if (record === undefined) return undefined;
  const { others, needed } = record;
  const whom = needed === others.length ? others.join(' and ') : `${needed} of ${others.join(', ')}`;
  return `In mode quorum it needs the word of ${whom} before it takes over, and must not have less of the WAL.`;
}

/**
 * Whether another sign has come since this process read its first one. Only a settled node counts: what it read before may be older than what an earlier life of
 * this process knew.
 */
export function watchSigns(seen: Observation, memory: Memory): Partial<Memory> {
  const sign = seen.term.seen;
  if (sign === undefined || seen.term.phase !== 'candidate' || memory.signsMoved) return {};
  const { leader, heartbeat } = sign;
  if (memory.firstSign === undefined) return { firstSign: { leader, heartbeat } };
  return isSameSign(memory.firstSign, sign) ? {} : { signsMoved: true };
}

/** A statement about the sign that stands now may count for somebody's take: one of this process, or one of an earlier life of it. */
export function mustStayDetached(facts: Facts): boolean {
  const { memory, seen, postgres, leader, state } = facts;
  if (leader?.kind !== 'held' || leader.holder === seen.me) return false;
  if (isSameSign(memory.detached, seen.term.seen)) return true;
  if (memory.signsMoved || (state !== undefined && quorumRecord(facts) === undefined)) return false;
  return postgres?.configured.upstream !== leader.holder;
}

/** What this node says of itself: see `Detached`. */
export function detachedOf({ memory, seen, postgres }: Facts): Detached | undefined {
  const { detached } = memory;
  if (detached?.end === undefined || !isSameSign(detached, seen.term.seen)) return undefined;
  if (seen.term.phase !== 'candidate' || postgres?.configured.upstream !== undefined) return undefined;
  return { leader: detached.leader, heartbeat: detached.heartbeat, ...detached.end };
}
