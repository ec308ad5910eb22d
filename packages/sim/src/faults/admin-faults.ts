import type { RequestValue } from '@hamn/core';
import { nodeId } from '@hamn/core';
import type { FaultContext, FaultKind } from './fault.ts';

/** What an admin asks for in the middle of it all, as hamnctl would write it. */
function ask(context: FaultContext, kind: RequestValue['kind']): (() => void) | undefined {
  const { world, node, random } = context;
  const leader = world.etcd.group.entries.get('leader');
  if (leader === undefined || world.etcd.group.entries.has('request')) return undefined;
  const named = kind === 'reinit' || random.chance(0.6);
  const lifeMs = random.between(5000, 20_000);
  const value: RequestValue = {
    id: `request-${Math.round(world.now)}`,
    kind,
    token: Number(leader.mod),
    ...(named ? { to: nodeId(node.name) } : {}),
    by: 'admin',
    madeWallMs: 1_800_000_000_000,
    expiresWallMs: 1_800_000_000_000 + lifeMs,
  };
  world.etcd.write({ compares: [], ops: [{ put: 'request', value: JSON.stringify(value) }] });
  return () => undefined;
}

function pause({ world }: FaultContext): (() => void) | undefined {
  if (world.etcd.group.entries.has('pause')) return undefined;
  const value = JSON.stringify({ by: 'admin', reason: 'maintenance', sinceWallMs: 1_800_000_000_000 });
  world.etcd.write({ compares: [], ops: [{ put: 'pause', value }] });
  return () => world.etcd.write({ compares: [], ops: [{ delete: 'pause' }] });
}

const admin = { touches: 'none', onlyData: true } as const;

export const adminFaults: readonly FaultKind[] = [
  { name: 'switchover', weight: 9, ...admin, instant: true, begin: (context) => ask(context, 'switchover') },
  { name: 'failover', weight: 3, ...admin, instant: true, begin: (context) => ask(context, 'failover') },
  { name: 'reinit', weight: 3, ...admin, instant: true, begin: (context) => ask(context, 'reinit') },
  { name: 'pause hamn', weight: 3, ...admin, begin: pause },
];
