/** IPv6 neighbour discovery (RFC 4861): whole IPv6 packets without the Ethernet header. */

/** ETH_P_IPV6. */
export const ipv6Protocol = 0x86dd;

const headerSize = 40;
const nextHeaderIcmp = 58;
const types = { solicitation: 135, advertisement: 136 } as const;
const targetLinkLayerOption = 2;
const overrideFlag = 0x20;
const unspecified = Buffer.alloc(16);
const allNodes = Buffer.from('ff020000000000000000000000000001', 'hex');

/** Where a packet goes: the frame's MAC and the packet itself. */
export interface NeighborFrame {
  readonly destinationMac: Buffer;
  readonly packet: Buffer;
}

/** RFC 2464, 7: 33:33 and the last four bytes of the group. */
const multicastMac = (group: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x33, 0x33]), group.subarray(12, 16)]);

/** RFC 4291, 2.7.1: ff02::1:ff and the last three bytes of the address. */
const solicitedNode = (ip: Buffer): Buffer =>
  Buffer.concat([Buffer.from('ff0200000000000000000001ff', 'hex'), ip.subarray(13, 16)]);

function packet(source: Buffer, destination: Buffer, message: Buffer): Buffer {
  const bytes = Buffer.alloc(headerSize + message.length);
  bytes.writeUInt8(0x60, 0);
  bytes.writeUInt16BE(message.length, 4);
  bytes.writeUInt8(nextHeaderIcmp, 6);
  bytes.writeUInt8(255, 7); // RFC 4861, 7.1: receivers drop anything that was routed
  source.copy(bytes, 8, 0, 16);
  destination.copy(bytes, 24, 0, 16);
  message.copy(bytes, headerSize);
  bytes.writeUInt16BE(checksum(bytes), headerSize + 2);
  return bytes;
}

/** RFC 4443, 2.3: over the pseudo-header and the message, whose own checksum field is zero. */
function checksum(bytes: Buffer): number {
  let sum = bytes.readUInt16BE(4) + nextHeaderIcmp;
  for (let offset = 8; offset < bytes.length; offset += 2) sum += bytes.readUInt16BE(offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** "Does anyone use this address?" as duplicate detection asks it (RFC 4862, 5.4.2): from the unspecified address, without options. */
export function neighborProbe(ip: Buffer): NeighborFrame {
  const message = Buffer.alloc(24);
  message.writeUInt8(types.solicitation, 0);
  ip.copy(message, 8, 0, 16);
  const group = solicitedNode(ip);
  return { destinationMac: multicastMac(group), packet: packet(unspecified, group, message) };
}

/** "I use this address now": an unsolicited advertisement with the override flag to all nodes (RFC 4861, 7.2.6). */
export function neighborAnnouncement(mac: Buffer, ip: Buffer): NeighborFrame {
  const message = Buffer.alloc(32);
  message.writeUInt8(types.advertisement, 0);
  message.writeUInt8(overrideFlag, 4);
  ip.copy(message, 8, 0, 16);
  message.writeUInt8(targetLinkLayerOption, 24);
  message.writeUInt8(1, 25);
  mac.copy(message, 26, 0, 6);
  return { destinationMac: multicastMac(allNodes), packet: packet(ip, allNodes, message) };
}

export interface NeighborAdvertisement {
  readonly target: Buffer;
  /** From its target link-layer address option, when it has one. */
  readonly mac: Buffer | undefined;
}

/** Undefined for anything but a neighbour advertisement. */
export function decodeAdvertisement(bytes: Buffer): NeighborAdvertisement | undefined {
  if (bytes.length < headerSize + 24) return undefined;
  if (bytes.readUInt8(6) !== nextHeaderIcmp || bytes.readUInt8(headerSize) !== types.advertisement)
    return undefined;
  const options = headerSize + 24;
  const hasOption = bytes.length >= options + 8 && bytes.readUInt8(options) === targetLinkLayerOption;
  return {
    target: bytes.subarray(headerSize + 8, headerSize + 24),
    mac: hasOption ? bytes.subarray(options + 2, options + 8) : undefined,
  };
}

/** Classic BPF (linux/filter.h) for a packet socket: neighbour advertisements only, or all of the host's IPv6 would pass through here. */
export const advertisementFilter: Buffer = program([
  [0x30, 0, 0, 6], // load the byte "next header"
  [0x15, 0, 3, nextHeaderIcmp], // not ICMPv6: drop
  [0x30, 0, 0, headerSize], // load the byte "type"
  [0x15, 0, 1, types.advertisement], // not an advertisement: drop
  [0x06, 0, 0, 0xffff], // take it
  [0x06, 0, 0, 0], // drop
]);

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number];

function program(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 8);
  for (const [index, [code, jumpTrue, jumpFalse, operand]] of instructions.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jumpTrue, index * 8 + 2);
    bytes.writeUInt8(jumpFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand, index * 8 + 4);
  }
  return bytes;
}
