import type { EtcdLeaderView } from '@hamn/core';
import type { Member, StatusAnswer } from './wire/maintenance.ts';

/** What one member said of itself. */
export interface MemberAccount {
  readonly status: StatusAnswer;
}

export interface LeaderViewOptions {
  readonly address: string;
  readonly witnesses: readonly string[];
}

export interface Leading {
  /** The leader's member id. */
  readonly leader: string;
  readonly view: EtcdLeaderView;
}

/** Who leads (by the account of the highest raft term) and who could: voting members that answered, are in order and agree on the leader. */
export function viewLeadership(
  members: readonly Member[],
  accounts: readonly MemberAccount[],
  options: LeaderViewOptions,
): Leading | undefined {
  const newest = accounts
    .map((one) => one.status)
    .filter((one) => one.leader !== '0')
    .sort((a, b) => b.raftTerm - a.raftTerm)[0];
  const leader = members.find((one) => one.id === newest?.leader);
  if (newest === undefined || leader === undefined) return undefined;
  const fit = new Set(
    accounts
      .map((one) => one.status)
      .filter((one) => one.leader === leader.id && one.errors.length === 0 && !one.isLearner)
      .map((one) => one.header.memberId),
  );
  const isWitness = (member: Member): boolean => options.witnesses.some((one) => isAt(member, one));
  const others = members
    .filter((one) => one.id !== leader.id && !one.isLearner && fit.has(one.id))
    .filter((one) => !isAt(one, options.address))
    .sort((a, b) => Number(isWitness(b)) - Number(isWitness(a)) || (a.name < b.name ? -1 : 1))
    .map((one) => ({ memberId: one.id, node: one.name }));
  return { leader: leader.id, view: { onThisNode: isAt(leader, options.address), others } };
}

const isAt = (member: Member, address: string): boolean =>
  member.clientUrls.some((url) => hostOf(url) === hostOf(`https://${bracketed(address)}`));

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** The URL class writes an IPv6 address in one way only. */
const hostOf = (url: string): string | undefined => URL.parse(url)?.hostname;
