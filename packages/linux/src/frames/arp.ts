/** ARP for IPv4 over Ethernet (RFC 826), without the Ethernet header. */

export interface ArpPacket {
  readonly operation: 'request' | 'reply';
  /** Six bytes each. */
  readonly senderMac: Buffer;
  readonly targetMac: Buffer;
  /** Four bytes each. */
  readonly senderIp: Buffer;
  readonly targetIp: Buffer;
}

/** ETH_P_ARP. */
export const arpProtocol = 0x0806;
export const broadcastMac: Buffer = Buffer.alloc(6, 0xff);

const size = 28;
const operations = { request: 1, reply: 2 } as const;
const nobody = { mac: Buffer.alloc(6), ip: Buffer.alloc(4) } as const;

export function encodeArp(packet: ArpPacket): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt16BE(1, 0);
  bytes.writeUInt16BE(0x0800, 2);
  bytes.writeUInt8(6, 4);
  bytes.writeUInt8(4, 5);
  bytes.writeUInt16BE(operations[packet.operation], 6);
  packet.senderMac.copy(bytes, 8, 0, 6);
  packet.senderIp.copy(bytes, 14, 0, 4);
  packet.targetMac.copy(bytes, 18, 0, 6);
  packet.targetIp.copy(bytes, 24, 0, 4);
  return bytes;
}

/** Undefined for anything but an ARP request or reply for IPv4 over Ethernet. */
export function decodeArp(bytes: Buffer): ArpPacket | undefined {
  if (bytes.length < size) return undefined;
  if (bytes.readUInt16BE(0) !== 1 || bytes.readUInt16BE(2) !== 0x0800) return undefined;
  if (bytes.readUInt8(4) !== 6 || bytes.readUInt8(5) !== 4) return undefined;
  const operation = { 1: 'request', 2: 'reply' } as const;
  const code = bytes.readUInt16BE(6);
  if (code !== 1 && code !== 2) return undefined;
  return {
    operation: operation[code],
    senderMac: bytes.subarray(8, 14),
    senderIp: bytes.subarray(14, 18),
    targetMac: bytes.subarray(18, 24),
    targetIp: bytes.subarray(24, 28),
  };
}

/** "Does anyone use this address?" -- RFC 5227, 2.1.1: the sender's address is all zeros, so nobody's cache learns from it. */
export const arpProbe = (mac: Buffer, ip: Buffer): Buffer =>
  encodeArp({
    operation: 'request',
    senderMac: mac,
    senderIp: nobody.ip,
    targetMac: nobody.mac,
    targetIp: ip,
  });

/** "I use this address now" -- RFC 5227, 2.3 and 3: sender and target are the address itself. */
export const arpAnnouncement = (mac: Buffer, ip: Buffer): Buffer =>
  encodeArp({ operation: 'request', senderMac: mac, senderIp: ip, targetMac: nobody.mac, targetIp: ip });

/**
 * The same as a reply, for the equipment that learns from replies only. RFC 5944, 4.6: the target hardware address is
 * the sender's own; Linux ignores a gratuitous reply with any other one.
 */
export const arpUnsolicitedReply = (mac: Buffer, ip: Buffer): Buffer =>
  encodeArp({ operation: 'reply', senderMac: mac, senderIp: ip, targetMac: mac, targetIp: ip });
