import {
  allBytesOf,
  bytesField,
  bytesOf,
  type Field,
  flagOf,
  message,
  numberOf,
  readFields,
  textOf,
  varintField,
} from './protobuf.ts';
import { type Header, type Method, readHeader } from './rpc.ts';

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly mod: number;
}

/** The keys from `key` up to, but without, `end`; one key when there is no `end`. */
export interface KeyRange {
  readonly key: string;
  readonly end?: string;
}

/** All keys that begin with `prefix`. */
export const underPrefix = (prefix: string): KeyRange => ({ key: prefix, end: afterPrefix(prefix) });

/** The first key behind all that begin with `prefix` (ASCII, never ending in 0x7f). */
export const afterPrefix = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

export type KvCompare =
  | { readonly key: string; readonly mod: number }
  | { readonly key: string; readonly value: string }
  | { readonly key: string; readonly lease: bigint };

export type KvOp =
  | { readonly put: string; readonly value: string; readonly lease?: bigint }
  | { readonly delete: string }
  | { readonly range: KeyRange };

export interface TxnAnswer {
  readonly header: Header;
  readonly succeeded: boolean;
  /** What the `range` operations read, in their order. */
  readonly ranges: readonly (readonly KeyValue[])[];
}

const rangeRequest = (range: KeyRange): Buffer =>
  range.end === undefined
    ? message(bytesField(1, range.key))
    : message(bytesField(1, range.key), bytesField(2, range.end));

function compareMessage(compare: KvCompare): Buffer {
  const key = bytesField(3, compare.key);
  // CompareResult EQUAL is 0, the default; CompareTarget MOD is 2, VALUE is 3, LEASE is 4.
  if ('mod' in compare) return message(varintField(2, 2), key, varintField(6, compare.mod));
  if ('lease' in compare) return message(varintField(2, 4), key, varintField(8, compare.lease));
  return message(varintField(2, 3), key, bytesField(7, compare.value));
}

function opMessage(op: KvOp): Buffer {
  if ('range' in op) return bytesField(1, rangeRequest(op.range));
  if ('delete' in op) return bytesField(3, bytesField(1, op.delete));
  const put = message(bytesField(1, op.put), bytesField(2, op.value));
  return bytesField(2, op.lease === undefined ? put : message(put, varintField(3, op.lease)));
}

export const txnRequest = (compares: readonly KvCompare[], success: readonly KvOp[]): Buffer =>
  message(
    ...compares.map((one) => bytesField(1, compareMessage(one))),
    ...success.map((one) => bytesField(2, opMessage(one))),
  );

export function readKeyValue(bytes: Buffer): KeyValue {
  const fields = readFields(bytes);
  return { key: textOf(fields, 1), value: textOf(fields, 5), mod: numberOf(fields, 3) };
}

const readKeyValues = (range: readonly Field[]): readonly KeyValue[] =>
  allBytesOf(range, 2).map(readKeyValue);

/** A transaction. One that only reads is linearizable, as Range is (etcd server, v3_server.go: Txn). */
export const txn: Method<TxnAnswer> = {
  path: '/etcdserverpb.KV/Txn',
  decode: (bytes) => {
    const fields = readFields(bytes);
    const responses = allBytesOf(fields, 3).map(readFields);
    const ranges = responses.filter((one) => one.some((field) => field.field === 1));
    return {
      header: readHeader(fields),
      succeeded: flagOf(fields, 2),
      ranges: ranges.map((one) => readKeyValues(readFields(bytesOf(one, 1)))),
    };
  },
};

/** Linearizable; sorted by mod-revision, the newest last. */
export const sortedRangeRequest = (range: KeyRange): Buffer =>
  message(rangeRequest(range), varintField(5, 1), varintField(6, 3));

/** Linearizable, and answers with no keys: whether a member reaches its quorum. */
export const probeRequest = (key: string): Buffer =>
  message(rangeRequest({ key }), varintField(8, 1), varintField(9, 1));

export interface RangeAnswer {
  readonly header: Header;
  readonly keyValues: readonly KeyValue[];
}

export const range: Method<RangeAnswer> = {
  path: '/etcdserverpb.KV/Range',
  decode: (bytes) => {
    const fields = readFields(bytes);
    return { header: readHeader(fields), keyValues: readKeyValues(fields) };
  },
};
