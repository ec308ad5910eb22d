import type { NodeId, PostgresSite } from '@hamn/core';
import type { ClockPort, UnitPort } from '@hamn/engine';

/** What the port is told of the cluster and of this node. */
export interface PostgresOptions extends PostgresSite {
  readonly node: NodeId;
  /** This node's own address, never a VIP. */
  readonly address: string;
  /** hamn's own directory that survives a reboot, for example /var/lib/hamn; its folder `postgres` is this port's. */
  readonly stateDirectory: string;
}

export interface PostgresDeps {
  readonly clock: ClockPort;
  readonly units: UnitPort;
}

/** A slot's name: PostgreSQL allows a-z, 0-9 and _ only, 63 bytes at most. */
export const slotName = (node: NodeId): string =>
  `hamn_${node.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')}`.slice(0, 63);
