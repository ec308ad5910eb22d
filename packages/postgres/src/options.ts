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
