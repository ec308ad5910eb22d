/**
 * The few pieces of Protocol Buffers that etcd's messages need, so that no definitions are parsed at start.
 * Source: protobuf.dev, "Encoding": wire type 0 is a varint, 1 eight bytes, 2 length-delimited, 5 four bytes.
 */

/** A varint as it was read; a uint64 id may not fit a double. */
export type Varint = number | bigint;

const varintBytes = (value: Varint): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
};

/** An int64, uint64, bool or enum field. It is written even when 0, as a member of a `oneof` must be. */
export const varintField = (field: number, value: Varint): Buffer =>
  Buffer.concat([varintBytes(field << 3), varintBytes(value)]);

/** A bytes, string or message field. */
export const bytesField = (field: number, value: Uint8Array | string): Buffer => {
  const body = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varintBytes((field << 3) | 2), varintBytes(body.length), body]);
};

export const message = (...fields: readonly Uint8Array[]): Buffer => Buffer.concat(fields);

/** One field as it was read: `int` of wire type 0, `bytes` of wire type 2; the fixed ones are skipped (etcd uses none). */
export type Field =
  | { readonly field: number; readonly kind: 'int'; readonly int: Varint }
  | { readonly field: number; readonly kind: 'bytes'; readonly bytes: Buffer };

class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): Varint {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 7; count += 1) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    return this.#longVarint(BigInt(value));
  }

  #longVarint(low: bigint): bigint {
    let value = low;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Error('A varint in the answer is longer than ten bytes.');
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error('The answer ends in the middle of a field.');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Error('The answer ends in the middle of a field.');
    this.#at += 1;
    return byte;
  }
}

/** Reads the fields of one message. Throws an Error on bytes that are no message: the caller turns it into a failure. */
export function readFields(bytes: Buffer): readonly Field[] {
  const cursor = new Cursor(bytes);
  const fields: Field[] = [];
  while (!cursor.atEnd) {
    const tag = Number(cursor.varint());
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) fields.push({ field, kind: 'int', int: cursor.varint() });
    else if (wire === 2) fields.push({ field, kind: 'bytes', bytes: cursor.take(Number(cursor.varint())) });
    else if (wire === 1) cursor.take(8);
    else if (wire === 5) cursor.take(4);
    else throw new Error(`The answer has a field of the unknown wire type ${wire}.`);
  }
  return fields;
}

/** The last one of a field counts (protobuf.dev, "Last One Wins"). */
export const intOf = (fields: readonly Field[], field: number): Varint =>
  fields.flatMap((one) => (one.field === field && one.kind === 'int' ? [one.int] : [])).at(-1) ?? 0;

/** An int64 or bool of moderate size as a number: revisions, seconds, terms. */
export const numberOf = (fields: readonly Field[], field: number): number => Number(intOf(fields, field));

export const flagOf = (fields: readonly Field[], field: number): boolean => numberOf(fields, field) !== 0;

const noBytes = Buffer.alloc(0);

export const bytesOf = (fields: readonly Field[], field: number): Buffer =>
  allBytesOf(fields, field).at(-1) ?? noBytes;

export const allBytesOf = (fields: readonly Field[], field: number): readonly Buffer[] =>
  fields.flatMap((one) => (one.field === field && one.kind === 'bytes' ? [one.bytes] : []));

export const textOf = (fields: readonly Field[], field: number): string =>
  bytesOf(fields, field).toString('utf8');

/** A uint64 id the way etcdctl prints it. */
export const hexOf = (fields: readonly Field[], field: number): string =>
  BigInt(intOf(fields, field)).toString(16);
