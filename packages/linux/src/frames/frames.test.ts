import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseIp } from '../address.ts';
import { createTestSegment, type TestSegment, testMacs } from '../testing/namespace.ts';
import { until } from '../testing/until.ts';
import {
  arpAnnouncement,
  arpProbe,
  arpProtocol,
  arpUnsolicitedReply,
  broadcastMac,
  decodeArp,
} from './arp.ts';
import {
  advertisementFilter,
  decodeAdvertisement,
  ipv6Protocol,
  neighborAnnouncement,
  neighborProbe,
} from './neighbor.ts';
import { openPacketSocket, type PacketSocket } from './packet-socket.ts';

let segment: TestSegment;
const sockets: PacketSocket[] = [];

beforeAll(() => {
  segment = createTestSegment('fr');
});
afterAll(() => {
  for (const socket of sockets) socket.close();
  segment.remove();
});

const mac = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex');
const bytes = (text: string): Buffer => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value.bytes;
};

function open(namespace: string, protocol: number, filter?: Buffer): PacketSocket {
  const index = segment.inside(namespace, () => openPacketSocketOn('eth0', protocol, filter));
  sockets.push(index);
  return index;
}

function openPacketSocketOn(_name: string, protocol: number, filter?: Buffer): PacketSocket {
  // A fresh namespace numbers lo 1; the cable's end is the next that exists.
  for (let index = 2; index < 64; index += 1) {
    const opened = openPacketSocket(index, protocol, filter);
    if (opened.ok) return opened.value;
  }
  throw new Error('No interface to open a packet socket on.');
}

async function frames(socket: PacketSocket, wanted: number): Promise<Buffer[]> {
  const seen: Buffer[] = [];
  await until(`${wanted} frames`, () => {
    for (let frame = socket.receive(); frame !== undefined; frame = socket.receive())
      seen.push(frame.payload);
    return seen.length >= wanted;
  });
  return seen;
}

test('a kernel answers an ARP probe for its address, and nobody answers for a free one', async () => {
  const socket = open(segment.here, arpProtocol);
  expect(socket.send(broadcastMac, arpProbe(mac(testMacs.here), bytes('192.0.2.99'))).ok).toBe(true);
  expect(socket.send(broadcastMac, arpProbe(mac(testMacs.here), bytes('192.0.2.2'))).ok).toBe(true);
  const [answer] = (await frames(socket, 1)).map(decodeArp);
  expect(answer?.operation).toBe('reply');
  expect(answer?.senderIp).toEqual(bytes('192.0.2.2'));
  expect(answer?.senderMac).toEqual(mac(testMacs.peer));
});

test('announcements arrive at the peer as request and reply', async () => {
  const ear = open(segment.peer, arpProtocol);
  const mouth = open(segment.here, arpProtocol);
  mouth.send(broadcastMac, arpAnnouncement(mac(testMacs.here), bytes('192.0.2.50')));
  mouth.send(broadcastMac, arpUnsolicitedReply(mac(testMacs.here), bytes('192.0.2.50')));
  const heard = (await frames(ear, 2)).map(decodeArp);
  expect(heard.map((packet) => packet?.operation)).toEqual(['request', 'reply']);
  for (const packet of heard) {
    expect(packet?.senderIp).toEqual(bytes('192.0.2.50'));
    expect(packet?.targetIp).toEqual(bytes('192.0.2.50'));
    expect(packet?.senderMac).toEqual(mac(testMacs.here));
  }
});

test('a kernel answers a neighbour probe for its address; the filter passes nothing else', async () => {
  const socket = open(segment.here, ipv6Protocol, advertisementFilter);
  const probe = neighborProbe(bytes('2001:db8::2'));
  expect(socket.send(probe.destinationMac, probe.packet).ok).toBe(true);
  const [answer] = (await frames(socket, 1)).map(decodeAdvertisement);
  expect(answer?.target).toEqual(bytes('2001:db8::2'));
  expect(answer?.mac).toEqual(mac(testMacs.peer));
});

test('an unsolicited advertisement is right to the last byte', async () => {
  const ear = open(segment.peer, ipv6Protocol, advertisementFilter);
  const mouth = open(segment.here, ipv6Protocol);
  const announcement = neighborAnnouncement(mac(testMacs.here), bytes('2001:db8::50'));
  mouth.send(announcement.destinationMac, announcement.packet);
  const [heard] = await frames(ear, 1);
  expect(heard?.readUInt8(7)).toBe(255);
  expect(heard?.readUInt8(44)).toBe(0x20);
  expect(decodeAdvertisement(heard ?? Buffer.alloc(0))).toEqual({
    target: bytes('2001:db8::50'),
    mac: mac(testMacs.here),
  });
});

test('what is no ARP packet is nothing', () => {
  expect(decodeArp(Buffer.alloc(10))).toBeUndefined();
  expect(decodeArp(Buffer.alloc(28))).toBeUndefined();
  expect(decodeAdvertisement(Buffer.alloc(39))).toBeUndefined();
});
