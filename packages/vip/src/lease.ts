import { readFileSync, writeFileSync } from 'node:fs';
import { done, ok, type Result, type VipSettings } from '@hamn/core';
import { type Permit, termOver, type VipFailure } from '@hamn/engine';
import type { KernelAddress, Network } from '@hamn/linux';
import {
  type KernelState,
  locate,
  type Placement,
  readKernel,
  sharesPrefix,
  usableLink,
  vipFailure,
} from './placement.ts';

/** What an interface's VIPs are, for the question whose prefix route it is. */
export type KnownVips = ReadonlySet<string>;

/** Adds the VIP as a kernel lease, or renews it; copies of it elsewhere are removed first. */
export async function addLease(
  network: Network,
  vip: VipSettings,
  lifetimeSeconds: number,
  vips: KnownVips,
  timeoutMs: number,
  permit: Permit,
): Promise<Result<undefined, VipFailure>> {
  const state = await readKernel(network, timeoutMs);
  if (!state.ok) return state;
  const placement = locate(vip, state.value);
  if (!placement.ok) return placement;
  const link = usableLink(vip, placement.value, state.value);
  if (!link.ok) return link;
  if (placement.value.ip.family === 4) keepNeighbours(vip.interface);
  const cleared = await removeAll(network, placement.value.stale, timeoutMs);
  if (!cleared.ok) return cleared;
  const lease = { network, lifetimeSeconds, vips, timeoutMs, permit };
  return put(vip, placement.value, state.value, lease);
}

/**
 * Renews those that are present and adds none. The kernel cannot renew without adding, so presence is read immediately before: what was
 * removed within that instant comes back, and hamn-guard, which watches the addresses of a harmless node, removes it again.
 */
export async function renewLeases(
  network: Network,
  wanted: readonly VipSettings[],
  lifetimeSeconds: number,
  vips: KnownVips,
  timeoutMs: number,
  permit: Permit,
): Promise<Result<undefined, VipFailure>> {
  const state = await readKernel(network, timeoutMs);
  if (!state.ok) return state;
  const renewals: Promise<Result<undefined, VipFailure>>[] = [];
  for (const vip of wanted) {
    const placement = locate(vip, state.value);
    if (!placement.ok) return placement;
    if (placement.value.present === undefined) continue;
    const lease = { network, lifetimeSeconds, vips, timeoutMs, permit };
    renewals.push(put(vip, placement.value, state.value, lease));
  }
  const results = await Promise.all(renewals);
  return results.find((result) => !result.ok) ?? done;
}

/** Removes every copy of the address, whatever its interface and prefix length. Ok when there is none. */
export async function removeLease(
  network: Network,
  vip: VipSettings,
  timeoutMs: number,
): Promise<Result<undefined, VipFailure>> {
  const state = await readKernel(network, timeoutMs);
  if (!state.ok) return state;
  const placement = locate(vip, state.value);
  if (!placement.ok) return placement;
  const { present, stale } = placement.value;
  return removeAll(network, present === undefined ? stale : [present, ...stale], timeoutMs);
}

interface Lease {
  readonly network: Network;
  readonly lifetimeSeconds: number;
  readonly vips: KnownVips;
  readonly timeoutMs: number;
  readonly permit: Permit;
}

async function put(
  vip: VipSettings,
  placement: Placement,
  state: KernelState,
  { network, lifetimeSeconds, vips, timeoutMs, permit }: Lease,
): Promise<Result<undefined, VipFailure>> {
  // The kernel is told within this turn.
  if (!permit()) return termOver(`${vip.address} was put on ${vip.interface}`);
  const result = await network.putAddress(
    {
      ip: placement.ip,
      prefixLength: vip.prefixLength,
      interfaceIndex: placement.link?.index ?? 0,
      validSeconds: lifetimeSeconds,
      // Own connections must not leave from the VIP: they would break with every hand-over, and other nodes would see the wrong host.
      // IPv6 prefers any other address to a deprecated one (RFC 6724, rule 3) and still answers on it. IPv4 has no such rule: there the
      // VIP is not chosen because it is a secondary address of its subnet, and `deprecated` would only puzzle whoever reads `ip address`.
      preferredSeconds: placement.ip.family === 6 ? 0 : lifetimeSeconds,
      withoutDuplicateDetection: true,
      withoutPrefixRoute: sharesPrefix(vip, placement, state, vips),
    },
    timeoutMs,
  );
  return result.ok ? result : vipFailure(result.error);
}

async function removeAll(
  network: Network,
  copies: readonly KernelAddress[],
  timeoutMs: number,
): Promise<Result<undefined, VipFailure>> {
  for (const copy of copies) {
    const removed = await network.removeAddress(copy, timeoutMs);
    if (!removed.ok && removed.error.code !== 'not-found') return vipFailure(removed.error);
  }
  return ok(undefined);
}

/**
 * If the VIP was put on the interface before the node's own address of that subnet, it is the "primary" one, and with it the kernel would
 * remove the others, also when the lease ends by itself (ip-sysctl, promote_secondaries). Best effort: read-only in some sandboxes.
 */
function keepNeighbours(interfaceName: string): void {
  const path = `/proc/sys/net/ipv4/conf/${interfaceName}/promote_secondaries`;
  try {
    if (readFileSync(path, 'utf8').trim() === '0') writeFileSync(path, '1');
  } catch {
    // Most distributions set it already.
  }
}
