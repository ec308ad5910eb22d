import type { Ports } from '@hamn/engine';
import type { Machine } from '../machine/machine.ts';
import { takeFiles } from '../postgres/tasks.ts';
import type { World } from '../run/world.ts';
import { over } from './over.ts';

/** What stands before the port of PostgreSQL and changes where data comes from. */

/** A clone is read from any other standby that runs. */
export function cloneFromAny(ports: Ports, machine: Machine, world: World): Ports {
  const { postgres } = ports;
  if (postgres === undefined) return ports;
  return {
    ...ports,
    postgres: over(postgres, {
      clone: async (upstream, timeoutMs, keepMs) => {
        const other = world.dataMachines.find(
          ({ name, server }) =>
            name !== machine.name && name !== upstream.node && server.runs && server.inRecovery,
        );
        const cloned = await postgres.clone(upstream, timeoutMs, keepMs);
        if (cloned.ok && other !== undefined && machine.server.process === undefined)
          takeFiles(machine.server, other.server);
        return cloned;
      },
    }),
  };
}
