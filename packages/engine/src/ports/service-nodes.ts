import type { ClientNodeId, MoveRecord, Placement, ProbeKind, Result, Sample, ServiceNode } from '@hamn/core';
import type { Permit } from './permit.ts';

/** `broken`: xCAT's command failed, or printed what cannot be read. */
export type TablesFailure = 'no-command' | 'timeout' | 'broken';

/** `timeout`: its client was killed, but xcatd may go on with the move. `no-command`, `over` (the permit said no): nothing was begun. */
export type MoveFailure = 'no-command' | 'over' | 'timeout' | 'failed';

export interface MoveOrder {
  readonly kind: MoveRecord['kind'];
  readonly from: string;
  readonly to: string;
  readonly nodes: readonly ClientNodeId[];
  /** `snmove -D`; without it snmove asks the new service node. */
  readonly xcatmaster: string | undefined;
  /** `snmove -i`. */
  readonly databaseOnly: boolean;
}

/** Service nodes as the management node sees them, and xCAT's commands there. No call throws, and each ends within its limit. */
export interface ServiceNodesPort {
  /** One sample of each kind, made side by side. What cannot be made here is `unmade`, which counts neither way. */
  probe(member: ServiceNode, kinds: readonly ProbeKind[], limitMs: number): Promise<readonly Sample[]>;
  /** Where every node belongs by xCAT's tables, groups and regular expressions resolved. */
  placement(limitMs: number): Promise<Result<Placement, TablesFailure>>;
  /**
   * One snmove. The answer is what it said, never proof: it may end with 0 and have moved a part only. Read the tables afterwards. The caller
   * has written the record before. `permit` is asked immediately before the program is started.
   */
  move(order: MoveOrder, limitMs: number, permit: Permit): Promise<Result<string, MoveFailure>>;
}
