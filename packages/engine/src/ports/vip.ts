import type { Result, VipSettings, VipView } from '@hamn/core';
import type { Permit } from './permit.ts';

export type VipFailure = 'no-interface' | 'link-down' | 'duplicate' | 'kernel' | 'timeout' | 'over';

/** Virtual addresses as kernel leases. An address of a VIP that is found with another prefix length or on another interface is removed as well. */
export interface VipPort {
  observe(vips: readonly VipSettings[], timeoutMs: number): Promise<Result<readonly VipView[], VipFailure>>;
  /** Adds it with a lifetime, IPv6 without duplicate detection; adding a present one renews it. Does not announce. */
  add(
    vip: VipSettings,
    lifetimeSeconds: number,
    timeoutMs: number,
    permit: Permit,
  ): Promise<Result<undefined, VipFailure>>;
  /** Renews the lifetime of those that are present; never adds. */
  renew(
    vips: readonly VipSettings[],
    lifetimeSeconds: number,
    timeoutMs: number,
    permit: Permit,
  ): Promise<Result<undefined, VipFailure>>;
  remove(vip: VipSettings, timeoutMs: number): Promise<Result<undefined, VipFailure>>;
  /**
   * Asks the segment who has the address (RFC 5227's probe frame; for IPv6 a neighbour solicitation from the unspecified address), several times within
   * `budgetMs`. The answer is the MAC of another host, or undefined. It never disturbs: works with or without the address here.
   */
  probe(vip: VipSettings, budgetMs: number): Promise<Result<string | undefined, VipFailure>>;
  /** Sends the announcement frames now, again over the first seconds, then now and then and on link-up, until `remove`. */
  announce(vip: VipSettings): Promise<Result<undefined, VipFailure>>;
  /** Called on link and address changes. */
  watch(onChange: () => void): void;
}
