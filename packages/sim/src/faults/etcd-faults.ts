import type { FaultContext, FaultKind } from './fault.ts';

const troublesOf = ({ world, node }: FaultContext) => world.troubles.get(node.name);

function lostReplies(context: FaultContext): (() => void) | undefined {
  const troubles = troublesOf(context);
  if (troubles === undefined) return undefined;
  troubles.lostReplyShare = context.random.between(0.3, 1);
  return () => {
    troubles.lostReplyShare = 0;
  };
}

export function slowReplies(context: FaultContext): (() => void) | undefined {
  const troubles = troublesOf(context);
  if (troubles === undefined) return undefined;
  troubles.slowReplyMs = context.world.settings.timings.requestMs * context.random.between(0.3, 1.6);
  return () => {
    troubles.slowReplyMs = 0;
  };
}

function stalledWatch(context: FaultContext): (() => void) | undefined {
  const troubles = troublesOf(context);
  if (troubles === undefined) return undefined;
  troubles.watchStalledUntil = Number.POSITIVE_INFINITY;
  return () => {
    troubles.watchStalledUntil = 0;
  };
}

/** The candidate hears nothing of a living holder: its watch stands still and promises do not pass. */
function deafCandidate(context: FaultContext): (() => void) | undefined {
  const { world, node } = context;
  const stalled = stalledWatch(context);
  const cuts = world.dataMachines
    .filter((other) => other !== node)
    .flatMap((other) => [world.network.cut(node.name, other.name), world.network.cut(other.name, node.name)]);
  return () => {
    stalled?.();
    for (const heal of cuts) heal();
  };
}

export const etcdFaults: readonly FaultKind[] = [
  {
    name: 'etcd leader change',
    weight: 6,
    touches: 'none',
    instant: true,
    begin: ({ world }) => {
      world.etcd.quorum.elect();
      return () => undefined;
    },
  },
  { name: 'etcd outage', weight: 6, touches: 'none', begin: ({ world }) => world.etcd.quorum.outage() },
  { name: 'lost replies', weight: 6, touches: 'none', begin: lostReplies },
  { name: 'slow replies', weight: 5, touches: 'none', begin: slowReplies },
  { name: 'stalled watch', weight: 5, touches: 'none', begin: stalledWatch },
  { name: 'deaf candidate', weight: 3, touches: 'none', onlyData: true, begin: deafCandidate },
];
