import type { LocalFacts, Result } from '@hamn/core';

/** What this node remembers on its own disk, across restarts and boots. */
export interface LocalPort {
  facts(): LocalFacts;
  /** Written down, durably, before a promotion begins. */
  recordPromotion(token: number, fromTimeline: number): Promise<Result<undefined>>;
  /** From now on this node cleans up at start even when etcd cannot be read. */
  recordManaged(): Promise<Result<undefined>>;
}
