import raw from 'netlink/dist/raw.js';
import { decodeAddress, type KernelAddress } from './kernel-address.ts';
import { decodeLink, type Link } from './link.ts';
import { decodeMessages, messageTypes, type NetlinkMessage } from './message.ts';
import { routeProtocol } from './requests.ts';

export type NetworkEvent =
  | { readonly kind: 'link'; readonly gone: boolean; readonly link: Link }
  | { readonly kind: 'address'; readonly gone: boolean; readonly address: KernelAddress }
  /** Events may have been missed: read everything again. */
  | { readonly kind: 'lost' };

/** RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR of rtnetlink(7). */
const multicastGroups = [1, 5, 9] as const;
const reopenAfterMs = 200;

/** Calls `onEvent` for each change of a link or address, for ever, until the returned function is called. Keeps no process alive. */
export function watchNetwork(onEvent: (event: NetworkEvent) => void): () => void {
  let closed = false;
  let socket: raw.RawNetlinkSocket | undefined;
  let timer: NodeJS.Timeout | undefined;

  const reopen = (): void => {
    closeQuietly(socket);
    socket = undefined;
    if (closed) return;
    timer = setTimeout(() => {
      open();
      // What changed while nobody listened is unknown.
      onEvent({ kind: 'lost' });
    }, reopenAfterMs);
    timer.unref();
  };
  const open = (): void => {
    try {
      socket = new raw.RawNetlinkSocket(routeProtocol);
      for (const group of multicastGroups) socket.addMembership(group);
    } catch {
      reopen();
      return;
    }
    socket.unref();
    socket.on('message', (datagram) => {
      for (const message of decodeMessages(datagram)) {
        const event = readEvent(message);
        if (event !== undefined) onEvent(event);
      }
    });
    // ENOBUFS: the kernel dropped events because they were not read in time.
    socket.on('error', reopen);
  };
  open();
  return () => {
    closed = true;
    clearTimeout(timer);
    closeQuietly(socket);
  };
}

function closeQuietly(socket: raw.RawNetlinkSocket | undefined): void {
  try {
    socket?.close();
  } catch {
    // It was closed by its own failure.
  }
}

function readEvent(message: NetlinkMessage): NetworkEvent | undefined {
  switch (message.type) {
    case messageTypes.newLink:
    case messageTypes.deleteLink: {
      const link = decodeLink(message.body);
      return link && { kind: 'link', gone: message.type === messageTypes.deleteLink, link };
    }
    case messageTypes.newAddress:
    case messageTypes.deleteAddress: {
      const address = decodeAddress(message.body);
      return address && { kind: 'address', gone: message.type === messageTypes.deleteAddress, address };
    }
    default:
      return undefined;
  }
}
