import type { ClockPort } from '@hamn/engine';
import type { Changes } from './changes.ts';
import type { Manager } from './manager.ts';

/** What every act on a unit works with. */
export interface UnitDeps {
  readonly manager: Manager;
  readonly changes: Changes;
  readonly clock: ClockPort;
}
