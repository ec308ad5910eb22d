import type { NodeId } from './brands.ts';
import type { StateValue } from './group/values.ts';

/**
 * What is known of the acknowledged writes of a term, beside that its holder has them all: each one is on at least `count` of `members`. What PostgreSQL's
 * synchronous_standby_names enforce is a claim as well, of all writes from then on. See docs/safety.md, "The record is a claim".
 */
export interface Claim {
  readonly members: readonly NodeId[];
  readonly count: number;
}

/** Only the holder is known to have everything. */
export const alone: Claim = { members: [], count: 0 };

/** `count` absent: each of them. */
export function claimOf(members: readonly NodeId[], count: number | undefined = members.length): Claim {
  const most = Math.min(count, members.length);
  return most <= 0 ? alone : { members, count: most };
}

/** The record of `state`, of which `holder` is (or was) the holder. */
export const recordedClaim = (state: StateValue, holder: NodeId): Claim =>
  claimOf(
    state.synchronous.filter((node) => node !== holder),
    state.quorum,
  );

/** `state` with another record. */
export function withRecord(state: StateValue, holder: NodeId, claim: Claim): StateValue {
  const { quorum: _, ...rest } = state;
  const synchronous = [holder, ...claim.members];
  const quorum = quorumOf(claim);
  return quorum === undefined ? { ...rest, synchronous } : { ...rest, synchronous, quorum };
}

/** Undefined where each member counts. */
export const quorumOf = ({ members, count }: Claim): number | undefined =>
  count < members.length ? count : undefined;

const without = (nodes: readonly NodeId[], others: readonly NodeId[]): readonly NodeId[] =>
  nodes.filter((node) => !others.includes(node));

const union = (a: readonly NodeId[], b: readonly NodeId[]): readonly NodeId[] => [...a, ...without(b, a)];

/** Whether `b` holds wherever `a` does: of the nodes that `a` counts, all that are no members of `b` may be among those that have a write. */
export const implies = (a: Claim, b: Claim): boolean =>
  b.count <= a.count - without(a.members, b.members).length || b.count === 0;

export const sameClaim = (a: Claim, b: Claim): boolean =>
  a.count === b.count && a.members.length === b.members.length && without(a.members, b.members).length === 0;

/** A claim that both imply: what is certain while some commits wait by `a` and others by `b`. */
export function weakest(a: Claim, b: Claim): Claim {
  if (implies(a, b)) return b;
  if (implies(b, a)) return a;
  if (quorumOf(a) !== undefined || quorumOf(b) !== undefined)
    return claimOf(union(a.members, b.members), Math.min(a.count, b.count));
  return claimOf(a.members.filter((node) => b.members.includes(node)));
}

/** What is certain of the members that are left. */
export const withoutMembers = (claim: Claim, gone: readonly NodeId[]): Claim => {
  const members = without(claim.members, gone);
  return claimOf(members, claim.count - (claim.members.length - members.length));
};

/** Each member of both. */
export const strongest = (a: Claim, b: Claim): Claim => claimOf(union(a.members, b.members));

/** How many of `wanted`'s members have every write so far, when `before` is recorded and `passed` have flushed a position past all of them. */
export function reached(before: Claim, passed: readonly NodeId[], wanted: Claim): number {
  const have = wanted.members.filter((node) => passed.includes(node));
  const open = without(wanted.members, have);
  return have.length + Math.max(0, before.count - without(before.members, open).length);
}

/** The same text for the same claim: for each of mn2 and mn3 `mn2,mn3`, for one of them `any 1 of mn2,mn3`. */
export function claimText(claim: Claim): string {
  const names = [...claim.members].sort().join();
  const quorum = quorumOf(claim);
  return quorum === undefined ? names : `any ${quorum} of ${names}`;
}
