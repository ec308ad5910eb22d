/** netlink(7): messages and attributes. hamn runs on little-endian machines only (x86_64, aarch64, ppc64le). */

export const netlinkFlags = {
  request: 0x1,
  multi: 0x2,
  acknowledge: 0x4,
  /** The dump was disturbed by a change and may be inconsistent: ask again. */
  dumpInterrupted: 0x10,
  replace: 0x100,
  dump: 0x300,
  create: 0x400,
} as const;

export const messageTypes = {
  error: 2,
  done: 3,
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
} as const;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly body: Buffer;
}

const headerSize = 16;
const aligned = (length: number): number => (length + 3) & ~3;

export function encodeMessage(type: number, flags: number, sequence: number, body: Buffer): Buffer {
  const message = Buffer.alloc(headerSize + aligned(body.length));
  message.writeUInt32LE(headerSize + body.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(flags, 6);
  message.writeUInt32LE(sequence, 8);
  body.copy(message, headerSize);
  return message;
}

/** The messages of one datagram; what follows a malformed length is dropped. */
export function decodeMessages(datagram: Buffer): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  let offset = 0;
  while (offset + headerSize <= datagram.length) {
    const length = datagram.readUInt32LE(offset);
    if (length < headerSize || offset + length > datagram.length) break;
    messages.push({
      type: datagram.readUInt16LE(offset + 4),
      flags: datagram.readUInt16LE(offset + 6),
      sequence: datagram.readUInt32LE(offset + 8),
      body: datagram.subarray(offset + headerSize, offset + length),
    });
    offset += aligned(length);
  }
  return messages;
}

export function encodeAttribute(type: number, value: Buffer): Buffer {
  const attribute = Buffer.alloc(aligned(4 + value.length));
  attribute.writeUInt16LE(4 + value.length, 0);
  attribute.writeUInt16LE(type, 2);
  value.copy(attribute, 4);
  return attribute;
}

/** The attributes after a fixed header, by type (without the nested and byte-order flags). */
export function decodeAttributes(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  let offset = 0;
  while (offset + 4 <= bytes.length) {
    const length = bytes.readUInt16LE(offset);
    if (length < 4 || offset + length > bytes.length) break;
    attributes.set(bytes.readUInt16LE(offset + 2) & 0x3fff, bytes.subarray(offset + 4, offset + length));
    offset += aligned(length);
  }
  return attributes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0, 0);
  return bytes;
}

/** Undefined where the bytes end before it. */
export const uint32At = (bytes: Buffer | undefined, offset: number): number | undefined =>
  bytes === undefined || bytes.length < offset + 4 ? undefined : bytes.readUInt32LE(offset);
