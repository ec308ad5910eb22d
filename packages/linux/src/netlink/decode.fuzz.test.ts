import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeArp, encodeArp } from '../frames/arp.ts';
import { decodeAdvertisement, neighborAnnouncement } from '../frames/neighbor.ts';
import { decodeAddress } from './kernel-address.ts';
import { decodeLink } from './link.ts';
import { decodeAttributes, decodeMessages, encodeAttribute, encodeMessage } from './message.ts';

/** What the kernel or the segment may send: frames come from anybody on the wire. */
const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const attributes = fc
  .array(fc.tuple(fc.nat(64), bytes(24)), { maxLength: 8 })
  .map((list) => Buffer.concat(list.map(([type, value]) => encodeAttribute(type, value))));
const body = fc.oneof(
  bytes(200),
  fc.tuple(bytes(16), attributes).map(([head, rest]) => Buffer.concat([head, rest])),
  fc.tuple(fc.constantFrom(2, 10, 0), bytes(7), attributes).map(([family, head, rest]) => {
    const start = Buffer.alloc(8);
    head.copy(start, 1);
    start.writeUInt8(family, 0);
    return Buffer.concat([start, rest]);
  }),
);
const mac = Buffer.from('020000000001', 'hex');

describe('bytes from the kernel and from the segment, whatever they are', () => {
  it('are messages within the datagram, or dropped', () => {
    const datagram = fc.oneof(
      bytes(300),
      fc
        .tuple(fc.nat(40), body, bytes(8))
        .map(([type, inner, rest]) => Buffer.concat([encodeMessage(type, 0, 7, inner), rest])),
    );
    fc.assert(
      fc.property(datagram, (given) => {
        const messages = decodeMessages(given);
        const length = messages.reduce((sum, message) => sum + 16 + message.body.length, 0);
        expect(length).toBeLessThanOrEqual(given.length);
        for (const message of messages) {
          decodeAddress(message.body);
          decodeLink(message.body);
        }
      }),
    );
  });

  it('are addresses, links and attributes, or undefined', () => {
    fc.assert(
      fc.property(body, (given) => {
        const address = decodeAddress(given);
        if (address !== undefined) expect([4, 16]).toContain(address.ip.bytes.length);
        expect(decodeLink(given)?.name ?? '').not.toContain('\0');
        for (const value of decodeAttributes(given).values())
          expect(value.length).toBeLessThanOrEqual(given.length);
      }),
    );
  });

  it('are ARP packets and advertisements of whole addresses, or undefined', () => {
    const good = fc.constantFrom(
      encodeArp({
        operation: 'reply',
        senderMac: mac,
        senderIp: Buffer.alloc(4, 9),
        targetMac: mac,
        targetIp: Buffer.alloc(4, 8),
      }),
      neighborAnnouncement(mac, Buffer.alloc(16, 7)).packet,
    );
    const spoiled = fc.tuple(good, fc.nat(), fc.nat(255), fc.nat(100)).map(([packet, at, value, length]) => {
      const copy = Buffer.from(packet);
      copy[at % copy.length] = value;
      return copy.subarray(0, length);
    });
    fc.assert(
      fc.property(fc.oneof(bytes(100), spoiled), (given) => {
        const arp = decodeArp(given);
        if (arp !== undefined) expect([arp.senderMac.length, arp.senderIp.length]).toEqual([6, 4]);
        const advertisement = decodeAdvertisement(given);
        if (advertisement !== undefined) expect(advertisement.target).toHaveLength(16);
        if (advertisement?.mac !== undefined) expect(advertisement.mac).toHaveLength(6);
      }),
    );
  });
});
