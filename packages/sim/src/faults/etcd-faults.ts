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

export function stalledWatch(context: FaultContext): (() => void) | undefined {
  const troubles = troublesOf(context);
  if (troubles === undefined) return undefined;
  troubles.watch = 'stalled';
  return () => {
    troubles.watch = undefined;
  };
}

/** It looks alive and delivers nothing; only what is read again now and then comes. */
function deadWatch(context: FaultContext): (() => void) | undefined {
  const troubles = troublesOf(context);
  if (troubles === undefined) return undefined;
  troubles.watch = 'dead';
  return () => {
    troubles.watch = undefined;
  };
}

function twice(context: FaultContext): (() => void) | undefined {
  const troubles = troublesOf(context);
  if (troubles === undefined) return undefined;
  troubles.twiceShare = context.random.between(0.2, 0.9);
  return () => {
    troubles.twiceShare = 0;
  };
}

/** A stalled leader answers keepalives, whatever became of the lease; the keys go all the same. */
export function staleKeepAlives(context: FaultContext): (() => void) | undefined {
  const troubles = troublesOf(context);
  if (troubles === undefined) return undefined;
  troubles.staleKeepAlives = true;
  return () => {
    troubles.staleKeepAlives = false;
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

const harmless = { touches: 'none', ends: 'none' } as const;

export const etcdFaults: readonly FaultKind[] = [
  {
    name: 'etcd leader change',
    weight: 6,
    touches: 'none',
    instant: true,
    ends: 'none',
    begin: ({ world }) => {
      world.etcd.quorum.elect();
      return () => undefined;
    },
  },
  {
    name: 'etcd outage',
    weight: 6,
    ...harmless,
    begin: ({ world }) => world.etcd.quorum.outage(),
  },
  { name: 'lost replies', weight: 6, ...harmless, begin: lostReplies },
  { name: 'slow replies', weight: 5, ...harmless, begin: slowReplies },
  { name: 'duplicated messages', weight: 5, ...harmless, begin: twice },
  { name: 'stalled watch', weight: 5, ...harmless, begin: stalledWatch },
  { name: 'dead watch', weight: 4, ...harmless, begin: deadWatch },
  { name: 'stale keepalives', weight: 3, ...harmless, begin: staleKeepAlives },
  {
    name: 'leases revoked',
    weight: 3,
    ...harmless,
    instant: true,
    begin: ({ world }) => {
      world.etcd.revokeLeases();
      return () => undefined;
    },
  },
  {
    name: 'compaction',
    weight: 3,
    ...harmless,
    instant: true,
    begin: ({ world }) => {
      world.etcd.compact();
      return () => undefined;
    },
  },
  { name: 'deaf candidate', weight: 3, touches: 'none', onlyData: true, begin: deafCandidate },
];
