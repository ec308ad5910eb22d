import { type Failure, fail, ok, type Result, type VipSettings } from '@hamn/core';
import type { VipFailure } from '@hamn/engine';
import {
  type IpAddress,
  type KernelAddress,
  type KernelErrorCode,
  type Link,
  type Network,
  parseIp,
  samePrefix,
} from '@hamn/linux';

/** What the kernel has now, read in one go. */
export interface KernelState {
  readonly links: readonly Link[];
  readonly addresses: readonly KernelAddress[];
}

/** A VIP and where it stands in the kernel. */
export interface Placement {
  readonly ip: IpAddress;
  /** Undefined when the interface does not exist. */
  readonly link: Link | undefined;
  /** The address as configured: on this interface with this prefix length, usable. */
  readonly present: KernelAddress | undefined;
  /** The same address elsewhere: another interface or prefix length, or unusable after failed duplicate detection. */
  readonly stale: readonly KernelAddress[];
}

const failures: Readonly<Partial<Record<KernelErrorCode, VipFailure>>> = {
  'no-device': 'no-interface',
  'link-down': 'link-down',
  timeout: 'timeout',
};

/** The kernel's refusal in the words of the port. */
export const vipFailure = (error: Failure<KernelErrorCode>): ReturnType<typeof fail<VipFailure>> =>
  fail(failures[error.code] ?? 'kernel', error.message);

export async function readKernel(
  network: Network,
  timeoutMs: number,
): Promise<Result<KernelState, VipFailure>> {
  const [links, addresses] = await Promise.all([network.links(timeoutMs), network.addresses(timeoutMs)]);
  if (!links.ok) return vipFailure(links.error);
  if (!addresses.ok) return vipFailure(addresses.error);
  return ok({ links: links.value, addresses: addresses.value });
}

export function locate(vip: VipSettings, state: KernelState): Result<Placement, VipFailure> {
  const ip = parseIp(vip.address);
  if (!ip.ok) return fail('kernel', `The VIP cannot be used: ${ip.error.message}`);
  const link = state.links.find((candidate) => candidate.name === vip.interface);
  const copies = state.addresses.filter((address) => address.ip.text === ip.value.text);
  const present = copies.find(
    (copy) =>
      copy.interfaceIndex === link?.index && copy.prefixLength === vip.prefixLength && !copy.tentative,
  );
  return ok({ ip: ip.value, link, present, stale: copies.filter((copy) => copy !== present) });
}

/** The interface of a VIP, ready for an address. Errors name the remedy: `no-interface`, `link-down`. */
export function usableLink(
  vip: VipSettings,
  placement: Placement,
  state: KernelState,
): Result<Link, VipFailure> {
  const { link } = placement;
  if (link === undefined) {
    const names = state.links.map((candidate) => candidate.name).join(', ');
    return fail(
      'no-interface',
      `The VIP ${vip.address} belongs on interface ${vip.interface}, which this node does not have. It has: ${names}. ` +
        `Correct 'interface' of this VIP in the cluster's configuration, or name the interface so.`,
    );
  }
  if (link.up) return ok(link);
  return fail(
    'link-down',
    `The VIP ${vip.address} belongs on interface ${vip.interface}, which is down. Bring it up: ip link set ${vip.interface} up.`,
  );
}

/** As above, and with a wire: for what is sent to the segment. */
export function connectedLink(
  vip: VipSettings,
  placement: Placement,
  state: KernelState,
): Result<Link, VipFailure> {
  const usable = usableLink(vip, placement, state);
  if (!usable.ok || usable.value.carrier) return usable;
  return fail(
    'link-down',
    `Interface ${vip.interface}, where the VIP ${vip.address} belongs, has no carrier. Check its cable, bond or switch port.`,
  );
}

/**
 * Whether the connected route of the VIP's prefix belongs to another address of the interface. An IPv6 address with a lifetime would put
 * that lifetime on the shared route, and the node would lose its network with the VIP (Linux, addrconf.c, modify_prefix_route).
 */
export const sharesPrefix = (
  vip: VipSettings,
  placement: Placement,
  state: KernelState,
  vips: ReadonlySet<string>,
): boolean =>
  placement.ip.family === 6 &&
  state.addresses.some(
    (address) =>
      address.interfaceIndex === placement.link?.index &&
      address.prefixLength === vip.prefixLength &&
      !vips.has(address.ip.text) &&
      address.ip.text !== placement.ip.text &&
      samePrefix(address.ip.bytes, placement.ip.bytes, vip.prefixLength),
  );
