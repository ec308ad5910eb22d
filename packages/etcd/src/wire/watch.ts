import { type KeyRange, type KeyValue, readKeyValue } from './kv.ts';
import {
  allBytesOf,
  bytesField,
  bytesOf,
  flagOf,
  message,
  numberOf,
  readFields,
  textOf,
  varintField,
} from './protobuf.ts';
import { type Header, type Method, readHeader } from './rpc.ts';

export interface WatchEvent {
  readonly deleted: boolean;
  /** Of a deletion: the key, and the revision of the deletion. */
  readonly keyValue: KeyValue;
}

export interface WatchAnswer {
  readonly header: Header;
  readonly created: boolean;
  readonly canceled: boolean;
  /** Above 0: the start revision was compacted away; what was missed must be read. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  readonly events: readonly WatchEvent[];
}

/** Events of `range` from `startRevision` on. No progress notifications: they are no proof of anything (etcd #15220). */
export const watchRequest = (range: KeyRange, startRevision: number): Buffer =>
  bytesField(
    1,
    message(bytesField(1, range.key), bytesField(2, range.end ?? ''), varintField(3, startRevision)),
  );

export const watch: Method<WatchAnswer> = {
  path: '/etcdserverpb.Watch/Watch',
  decode: (bytes) => {
    const fields = readFields(bytes);
    return {
      header: readHeader(fields),
      created: flagOf(fields, 3),
      canceled: flagOf(fields, 4),
      compactRevision: numberOf(fields, 5),
      cancelReason: textOf(fields, 6),
      events: allBytesOf(fields, 11).map(readEvent),
    };
  },
};

function readEvent(bytes: Buffer): WatchEvent {
  const fields = readFields(bytes);
  return { deleted: numberOf(fields, 1) === 1, keyValue: readKeyValue(bytesOf(fields, 2)) };
}
