import type { Result, UnitView } from '@hamn/core';
import type { Permit } from './permit.ts';

export type UnitFailure = 'timeout' | 'no-such-unit' | 'failed' | 'unreachable' | 'over';

/** systemd units over D-Bus. */
export interface UnitPort {
  observe(units: readonly string[], timeoutMs: number): Promise<Result<readonly UnitView[], UnitFailure>>;
  /** Ends when the job has ended and the unit is active. */
  start(unit: string, timeoutMs: number, permit: Permit): Promise<Result<undefined, UnitFailure>>;
  /** Ends when the unit is inactive and its control group is empty; at the limit the control group is killed. */
  stop(unit: string, timeoutMs: number): Promise<Result<undefined, UnitFailure>>;
  /** Makes the unit hamn's: not started at boot, `Restart=no` by a drop-in in /run. Idempotent. */
  own(unit: string, timeoutMs: number): Promise<Result<undefined, UnitFailure>>;
  /** Whether it was hamn's when it was last observed, at most half a minute ago, and nothing was told since. Asks systemd nothing. */
  wasOwned(unit: string): Promise<boolean>;
  watch(onChange: () => void): void;
}
