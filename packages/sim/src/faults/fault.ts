import type { ReplicationMode } from '@hamn/core';
import type { Random } from '../base/random.ts';
import type { Machine } from '../machine/machine.ts';
import type { World } from '../run/world.ts';

/** What one fault works on. `node` is the machine that it strikes. */
export interface FaultContext {
  readonly world: World;
  readonly random: Random;
  readonly node: Machine;
}

/** Begins the fault; the answer ends it. Undefined: it cannot strike now. */
export type Begin = (context: FaultContext) => (() => void) | undefined;

export interface FaultKind {
  readonly name: string;
  /** How often it is drawn, beside the others. */
  readonly weight: number;
  /** `process`: it stops or kills something that keeps the node safe; `guard`: it touches the guard itself. The two meet on one node only where a
   *  watchdog is left, or where the guard comes back by itself (`restarts`). */
  readonly touches: 'process' | 'guard' | 'none';
  readonly restarts?: boolean;
  /** Alone it may end the term of the node that it strikes; `any`: any node’s, as what is asked for; `none`: not even that one’s. */
  readonly ends?: 'any' | 'none';
  /** It ends at once. */
  readonly instant?: boolean;
  readonly onlyData?: boolean;
  /** Its length, where it must not be drawn. */
  readonly lengthMs?: number;
  /** It says something in this mode only. */
  readonly mode?: ReplicationMode;
  readonly begin: Begin;
}
