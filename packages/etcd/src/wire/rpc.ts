import { bytesOf, type Field, hexOf, numberOf, readFields } from './protobuf.ts';

/** One remote procedure of etcd: where it is, and how its answer is read (it may throw on bytes that are no answer). */
export interface Method<Answer> {
  readonly path: string;
  readonly decode: (bytes: Buffer) => Answer;
}

/** etcd's ResponseHeader. Source: etcd 3.4 and 3.5, api/etcdserverpb/rpc.proto. */
export interface Header {
  /** As etcdctl prints it: hexadecimal. */
  readonly clusterId: string;
  readonly memberId: string;
  readonly revision: number;
  /** The election that the answering member knew of last. */
  readonly raftTerm: number;
}

export function readHeader(answer: readonly Field[]): Header {
  const header = readFields(bytesOf(answer, 1));
  return {
    clusterId: hexOf(header, 1),
    memberId: hexOf(header, 2),
    revision: numberOf(header, 3),
    raftTerm: numberOf(header, 4),
  };
}
