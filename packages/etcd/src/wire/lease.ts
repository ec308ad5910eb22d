import { intOf, numberOf, readFields, varintField } from './protobuf.ts';
import { type Method, readHeader } from './rpc.ts';

export interface LeaseAnswer {
  readonly id: bigint;
  /** Seconds; 0 in the answer to a keep-alive means that the lease does not exist any more. */
  readonly ttlSeconds: number;
  /** The election that the answering member knew of when it answered. */
  readonly raftTerm: number;
}

const readLease = (bytes: Buffer): LeaseAnswer => {
  const fields = readFields(bytes);
  const { raftTerm } = readHeader(fields);
  return { id: BigInt(intOf(fields, 2)), ttlSeconds: numberOf(fields, 3), raftTerm };
};

export const leaseGrantRequest = (ttlSeconds: number): Buffer => varintField(1, ttlSeconds);

/** etcd chooses the id, and raises a TTL below its least (2 s at its default timing). */
export const leaseGrant: Method<LeaseAnswer> = { path: '/etcdserverpb.Lease/LeaseGrant', decode: readLease };

export const leaseIdRequest = (id: bigint): Buffer => varintField(1, id);

/** A stream for etcd; with one request and the end of the stream it is one question and one answer. */
export const leaseKeepAlive: Method<LeaseAnswer> = {
  path: '/etcdserverpb.Lease/LeaseKeepAlive',
  decode: readLease,
};

export const leaseRevoke: Method<true> = { path: '/etcdserverpb.Lease/LeaseRevoke', decode: () => true };
