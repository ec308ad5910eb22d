import { ok, type Result } from '@hamn/core';
import type { VipFailure } from '@hamn/engine';
import {
  advertisementFilter,
  arpAnnouncement,
  arpProbe,
  arpProtocol,
  arpUnsolicitedReply,
  broadcastMac,
  decodeAdvertisement,
  decodeArp,
  formatMac,
  type IpAddress,
  ipv6Protocol,
  type KernelErrorCode,
  type Link,
  neighborAnnouncement,
  neighborProbe,
  openPacketSocket,
  type PacketSocket,
  type ReceivedFrame,
} from '@hamn/linux';
import { vipFailure } from './placement.ts';

/** At most so many frames in one look, so that a flooded segment cannot hold the event loop. */
const mostFramesAtOnce = 64;

interface Frame {
  readonly to: Buffer;
  readonly payload: Buffer;
}

/** Speaks and listens on one segment about one address. Close it. */
export interface Voice {
  /** "Does anyone use this address?" */
  probe(): Result<undefined, KernelErrorCode>;
  /** "I use this address." */
  announce(): Result<undefined, KernelErrorCode>;
  /** The MAC of another host that says it uses the address, among the frames received since the last look. */
  claimant(ownMacs: ReadonlySet<string>): string | undefined;
  close(): void;
}

export function openVoice(link: Link, ip: IpAddress): Result<Voice, VipFailure> {
  const mac = Buffer.from(link.mac.replaceAll(':', ''), 'hex');
  const words = ip.family === 4 ? arpWords(mac, ip) : neighborWords(mac, ip);
  const socket = openPacketSocket(link.index, words.protocol, words.filter);
  if (!socket.ok) return vipFailure(socket.error);
  return ok({
    probe: () => sendAll(socket.value, words.probe),
    announce: () => sendAll(socket.value, words.announcement),
    claimant: (ownMacs) => {
      let found: string | undefined;
      for (let count = 0; count < mostFramesAtOnce; count += 1) {
        const frame = socket.value.receive();
        if (frame === undefined) break;
        const claimed = words.claimed(frame);
        if (claimed !== undefined && !ownMacs.has(claimed)) found = claimed;
      }
      return found;
    },
    close: () => socket.value.close(),
  });
}

interface Words {
  readonly protocol: number;
  readonly filter: Buffer | undefined;
  readonly probe: readonly Frame[];
  readonly announcement: readonly Frame[];
  /** The MAC that a frame ties to the address, if it does. */
  readonly claimed: (frame: ReceivedFrame) => string | undefined;
}

const arpWords = (mac: Buffer, ip: IpAddress): Words => ({
  protocol: arpProtocol,
  filter: undefined,
  probe: [{ to: broadcastMac, payload: arpProbe(mac, ip.bytes) }],
  // Some equipment learns from requests only, some from replies only.
  announcement: [
    { to: broadcastMac, payload: arpAnnouncement(mac, ip.bytes) },
    { to: broadcastMac, payload: arpUnsolicitedReply(mac, ip.bytes) },
  ],
  claimed: ({ payload }) => {
    const packet = decodeArp(payload);
    return packet?.senderIp.equals(ip.bytes) ? formatMac(packet.senderMac) : undefined;
  },
});

function neighborWords(mac: Buffer, ip: IpAddress): Words {
  const probe = neighborProbe(ip.bytes);
  const announcement = neighborAnnouncement(mac, ip.bytes);
  return {
    protocol: ipv6Protocol,
    filter: advertisementFilter,
    probe: [{ to: probe.destinationMac, payload: probe.packet }],
    announcement: [{ to: announcement.destinationMac, payload: announcement.packet }],
    claimed: ({ payload, sourceMac }) => {
      const advertisement = decodeAdvertisement(payload);
      return advertisement?.target.equals(ip.bytes) ? formatMac(advertisement.mac ?? sourceMac) : undefined;
    },
  };
}

function sendAll(socket: PacketSocket, frames: readonly Frame[]): Result<undefined, KernelErrorCode> {
  for (const frame of frames) {
    const sent = socket.send(frame.to, frame.payload);
    if (!sent.ok) return sent;
  }
  return ok(undefined);
}
