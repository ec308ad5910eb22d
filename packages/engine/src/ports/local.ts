import type { LocalFacts, Result, WalLine } from '@hamn/core';

/** What this node remembers on its own disk, across restarts and boots. */
export interface LocalPort {
  /** `ownAddress`: what the settings give this node. */
  facts(ownAddress: string | undefined): LocalFacts;
  /** Written down, durably, before a promotion begins. */
  recordPromotion(token: number, fromTimeline: number): Promise<Result<undefined>>;
  /** The timeline that this node's data is seen to be on, and the token of the term that made it. */
  recordLine(line: WalLine): Promise<Result<undefined>>;
  /** From now on this node cleans up at start even when etcd cannot be read. */
  recordManaged(identity: string | undefined): Promise<Result<undefined>>;
  /** An admin says that this machine is the node from now on. */
  acceptMachine(): Promise<Result<undefined>>;
}
