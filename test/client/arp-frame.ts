/** ARP for IPv4 over Ethernet, without the Ethernet header (RFC 826). */
export type ArpFrame = {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetIp: string;
};

const FRAME_BYTES = 28;

/** A request "who has targetIp? tell senderIp". */
export function arpRequest(senderMac: string, senderIp: string, targetIp: string): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES);
  frame.writeUInt16BE(1, 0); // Ethernet
  frame.writeUInt16BE(0x0800, 2); // IPv4
  frame.writeUInt8(6, 4);
  frame.writeUInt8(4, 5);
  frame.writeUInt16BE(1, 6);
  Buffer.from(senderMac.replaceAll(':', ''), 'hex').copy(frame, 8);
  ipBytes(senderIp).copy(frame, 14);
  ipBytes(targetIp).copy(frame, 24);
  return frame;
}

/** Undefined for whatever is not ARP for IPv4 over Ethernet. */
export function parseArp(frame: Buffer): ArpFrame | undefined {
  if (frame.length < FRAME_BYTES) return undefined;
  if (frame.readUInt16BE(0) !== 1 || frame.readUInt16BE(2) !== 0x0800) return undefined;
  if (frame.readUInt8(4) !== 6 || frame.readUInt8(5) !== 4) return undefined;
  const operation = frame.readUInt16BE(6);
  if (operation !== 1 && operation !== 2) return undefined;
  return {
    operation: operation === 1 ? 'request' : 'reply',
    senderMac: (frame.toString('hex', 8, 14).match(/../g) ?? []).join(':'),
    senderIp: [...frame.subarray(14, 18)].join('.'),
    targetIp: [...frame.subarray(24, 28)].join('.'),
  };
}

/** What a frame says about `address` to somebody who sent requests for it: an answer, an announcement (RFC 5227), or nothing. */
export function answerFor(frame: ArpFrame, address: string): 'reply' | 'announcement' | undefined {
  if (frame.senderIp !== address) return undefined;
  return frame.operation === 'reply' && frame.targetIp !== address ? 'reply' : 'announcement';
}

const ipBytes = (address: string): Buffer => Buffer.from(address.split('.').map(Number));
