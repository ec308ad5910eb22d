import { ok, type Result } from '@hamn/core';
import type { KernelErrorCode } from '../native/errno.ts';
import {
  addressDumpBody,
  decodeAddress,
  encodeAddressRemoval,
  encodeNewAddress,
  type KernelAddress,
  type NewAddress,
} from './kernel-address.ts';
import { decodeLink, type Link, linkDumpBody } from './link.ts';
import { messageTypes, netlinkFlags } from './message.ts';
import { NetlinkRequests } from './requests.ts';

/** Links and addresses of this network namespace. No call throws; each ends within its limit. */
export interface Network {
  links(timeoutMs: number): Promise<Result<readonly Link[], KernelErrorCode>>;
  addresses(timeoutMs: number): Promise<Result<readonly KernelAddress[], KernelErrorCode>>;
  /** Adds the address, or renews its lifetimes without a flap when the interface has it. Hazard: the kernel cannot renew without adding. */
  putAddress(address: NewAddress, timeoutMs: number): Promise<Result<undefined, KernelErrorCode>>;
  /** Removes exactly this address with this prefix length from this interface. `not-found` when it is gone already. */
  removeAddress(address: KernelAddress, timeoutMs: number): Promise<Result<undefined, KernelErrorCode>>;
  /** Opens the socket before it is needed. */
  open(): Result<undefined, KernelErrorCode>;
  close(): void;
}

const defined = <T>(items: readonly (T | undefined)[]): T[] => items.filter((item) => item !== undefined);

export function openNetwork(): Network {
  const requests = new NetlinkRequests();
  return {
    links: async (timeoutMs) => {
      const bodies = await requests.dump(
        messageTypes.getLink,
        linkDumpBody,
        'listing the interfaces',
        timeoutMs,
      );
      return bodies.ok ? ok(defined(bodies.value.map(decodeLink))) : bodies;
    },
    addresses: async (timeoutMs) => {
      const bodies = await requests.dump(
        messageTypes.getAddress,
        addressDumpBody,
        'listing the addresses',
        timeoutMs,
      );
      return bodies.ok ? ok(defined(bodies.value.map(decodeAddress))) : bodies;
    },
    putAddress: (address, timeoutMs) =>
      requests.change(
        messageTypes.newAddress,
        netlinkFlags.create | netlinkFlags.replace,
        encodeNewAddress(address),
        `putting ${address.ip.text}/${address.prefixLength} on interface ${address.interfaceIndex}`,
        timeoutMs,
      ),
    removeAddress: (address, timeoutMs) =>
      requests.change(
        messageTypes.deleteAddress,
        0,
        encodeAddressRemoval(address),
        `removing ${address.ip.text}/${address.prefixLength} from interface ${address.interfaceIndex}`,
        timeoutMs,
      ),
    open: () => requests.open(),
    close: () => requests.close(),
  };
}
