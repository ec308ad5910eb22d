import { allBytesOf, flagOf, hexOf, numberOf, readFields, textOf, varintField } from './protobuf.ts';
import { type Header, type Method, readHeader } from './rpc.ts';

export interface StatusAnswer {
  readonly header: Header;
  /** The member that this one takes for the leader, in hexadecimal; '0' for none. */
  readonly leader: string;
  readonly raftTerm: number;
  readonly errors: readonly string[];
  readonly isLearner: boolean;
}

/** One member's own account of itself; it needs no quorum. */
export const status: Method<StatusAnswer> = {
  path: '/etcdserverpb.Maintenance/Status',
  decode: (bytes) => {
    const fields = readFields(bytes);
    return {
      header: readHeader(fields),
      leader: hexOf(fields, 4),
      raftTerm: numberOf(fields, 6),
      errors: allBytesOf(fields, 8).map((one) => one.toString('utf8')),
      isLearner: flagOf(fields, 10),
    };
  },
};

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

/** The members as the asked one knows them; without `linearizable` (3.5) it needs no quorum. */
export const memberList: Method<readonly Member[]> = {
  path: '/etcdserverpb.Cluster/MemberList',
  decode: (bytes) => allBytesOf(readFields(bytes), 2).map(readMember),
};

function readMember(bytes: Buffer): Member {
  const fields = readFields(bytes);
  return {
    id: hexOf(fields, 1),
    name: textOf(fields, 2),
    clientUrls: allBytesOf(fields, 4).map((one) => one.toString('utf8')),
    isLearner: flagOf(fields, 5),
  };
}

export const moveLeaderRequest = (memberId: string): Buffer => varintField(1, BigInt(`0x${memberId}`));

/** Answered by the leading member only. */
export const moveLeader: Method<true> = { path: '/etcdserverpb.Maintenance/MoveLeader', decode: () => true };
