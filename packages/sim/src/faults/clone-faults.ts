import { ask } from './admin-faults.ts';
import type { FaultContext, FaultKind } from './fault.ts';
import { powerOff } from './machine-faults.ts';
import { cutFrom } from './network-faults.ts';

/** A clone is asked for, takes a while, and what its files are read from is lost under it: its power, its database, its link, or its own upstream. */
function sourceLost(context: FaultContext): (() => void) | undefined {
  const { world, node, random } = context;
  if (node.server.isWritable || !ask(context, { kind: 'reinit' })) return undefined;
  const { troubles } = node.server;
  troubles.slowCopyMs = random.between(500, 5000);
  let open = true;
  let end: (() => void) | undefined;
  world.signals.on((signal) => {
    if (signal.kind !== 'cloning' || signal.machine !== node || !open || end !== undefined) return;
    const { from } = signal;
    const primary = world.dataMachines.find(({ server }) => server.isWritable);
    end = () => undefined;
    world.scheduler.in(random.between(50, 2500), () => {
      if (!open) return;
      const way = random.pick(['power', 'server', 'link', 'upstream']);
      if (way === 'power') end = powerOff({ ...context, node: from }) ?? end;
      else if (way === 'server') from.server.die('killed while it is cloned');
      else if (way === 'link') end = cutFrom(world.network, node.name, from.name);
      else if (primary !== undefined && primary !== from)
        end = cutFrom(world.network, primary.name, from.name);
    });
  });
  return () => {
    open = false;
    troubles.slowCopyMs = 0;
    end?.();
  };
}

export const cloneFaults: readonly FaultKind[] = [
  {
    name: 'source lost',
    weight: 3,
    touches: 'process',
    onlyData: true,
    ends: 'any',
    lengthMs: 15_000,
    begin: sourceLost,
  },
];
