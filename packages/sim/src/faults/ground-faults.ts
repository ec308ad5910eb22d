import type { FaultContext, FaultKind } from './fault.ts';
import { stopWhile } from './machine-faults.ts';
import { isolate } from './network-faults.ts';

/** What the machine itself stands on: its time, its storage, its cable. */

/** A virtual machine is paused from outside and does not see the time pass. It then believes in its term for what is left of it. */
export function timeStops(context: FaultContext): (() => void) | undefined {
  const { world, node } = context;
  const end = stopWhile(context, 'pause');
  if (end === undefined) return undefined;
  const { clock } = node.parts;
  clock.stop();
  return () => {
    clock.goOn();
    node.unawareUntil = world.now + clock.toWorld(world.configuration.longestTermMs);
    end();
  };
}

/** Reads and writes hang; what is killed dies only when they go on. */
function hungStorage({ world, node }: FaultContext): (() => void) | undefined {
  if (!node.up) return undefined;
  const boot = node.boots;
  node.hangStorage();
  world.etcd.quorum.look();
  return () => {
    if (node.boots === boot && node.up) node.storageGoesOn();
    world.etcd.quorum.look();
  };
}

function linkDown(context: FaultContext): () => void {
  const { node } = context;
  const heal = isolate(context, true);
  node.changeLink(false);
  return () => {
    heal();
    node.changeLink(true);
  };
}

export const groundFaults: readonly FaultKind[] = [
  { name: 'time stops', weight: 5, touches: 'process', begin: timeStops },
  { name: 'hung storage', weight: 5, touches: 'process', begin: hungStorage },
  { name: 'link down', weight: 5, touches: 'none', begin: linkDown },
];
