import type { RequestValue } from '@hamn/core';
import { nodeId } from '@hamn/core';
import type { FaultContext, FaultKind } from './fault.ts';

interface Wish {
  readonly kind: RequestValue['kind'];
  readonly allowDataLoss?: boolean;
  /** How many revisions ago the asker looked at the term. */
  readonly tokenAge?: number;
}

/** What an admin asks for in the middle of it all, as hamnctl would write it. */
export function ask(context: FaultContext, { kind, allowDataLoss, tokenAge = 0 }: Wish): boolean {
  const { world, node, random } = context;
  const leader = world.etcd.group.entries.get('leader');
  if (leader === undefined || world.etcd.group.entries.has('request')) return false;
  const named = kind === 'reinit' || kind === 'restart' || random.chance(0.6);
  const lifeMs = random.between(5000, 20_000);
  const value: RequestValue = {
    id: `request-${Math.round(world.now)}`,
    kind,
    token: Math.max(1, Number(leader.mod) - tokenAge),
    ...(named ? { to: nodeId(node.name) } : {}),
    ...(allowDataLoss === true ? { allowDataLoss } : {}),
    by: 'admin',
    madeWallMs: 1_800_000_000_000,
    expiresWallMs: 1_800_000_000_000 + lifeMs,
  };
  world.etcd.write({ compares: [], ops: [{ put: 'request', value: JSON.stringify(value) }] });
  return true;
}

const asking =
  (wish: Wish) =>
  (context: FaultContext): (() => void) | undefined =>
    ask(context, wish) ? () => undefined : undefined;

const kinds = ['switchover', 'failover', 'reinit', 'restart'] as const;

/** A second admin asks again and again, and gets through as soon as the first one’s request has ended. */
function twoAtOnce(context: FaultContext): (() => void) | undefined {
  const { world, random } = context;
  if (!ask(context, { kind: random.pick(kinds) })) return undefined;
  let open = true;
  world.etcd.keys.onCommit(({ after }) => {
    if (!open || after.entries.has('request')) return;
    open = false;
    world.scheduler.in(random.between(0, 50), () => ask(context, { kind: random.pick(kinds) }));
  });
  return () => {
    open = false;
  };
}

function pause({ world }: FaultContext): (() => void) | undefined {
  if (world.etcd.group.entries.has('pause')) return undefined;
  const value = JSON.stringify({ by: 'admin', reason: 'maintenance', sinceWallMs: 1_800_000_000_000 });
  world.etcd.write({ compares: [], ops: [{ put: 'pause', value }] });
  return () => world.etcd.write({ compares: [], ops: [{ delete: 'pause' }] });
}

/** hamn is paused for a moment, while something else is asked for. */
function pauseAndAsk(context: FaultContext): (() => void) | undefined {
  const resume = pause(context);
  ask(context, { kind: context.random.pick(kinds) });
  return resume;
}

/** An admin takes PostgreSQL of a node into his own hands, stops it there at any moment, and forgets to start it. */
function maintenance({ world, node, random }: FaultContext): (() => void) | undefined {
  const key = `maintenance/${node.name}` as const;
  if (world.etcd.group.entries.has(key)) return undefined;
  const value = {
    node: node.name,
    by: 'admin',
    reason: 'new disk',
    sinceWallMs: 0,
    untilWallMs: Number.MAX_SAFE_INTEGER,
  };
  world.etcd.write({ compares: [], ops: [{ put: key, value: JSON.stringify(value) }] });
  world.scheduler.in(random.between(0, 3000), () => node.server.die('stopped by hand'));
  return () => world.etcd.write({ compares: [], ops: [{ delete: key }] });
}

/** A switchover that is scheduled for now, or was to be an hour ago. */
function schedule({ world, node, random }: FaultContext): (() => void) | undefined {
  const leader = world.etcd.group.entries.get('leader');
  if (leader === undefined || world.etcd.group.entries.has('schedule')) return undefined;
  const value = {
    id: `schedule-${Math.round(world.now)}`,
    token: Math.max(1, Number(leader.mod) - (random.chance(0.2) ? 1 : 0)),
    ...(random.chance(0.6) ? { to: node.name } : {}),
    by: 'admin',
    madeWallMs: 1,
    atWallMs: 1_800_000_000_000 - (random.chance(0.2) ? 3_600_000 : 0),
  };
  world.etcd.write({ compares: [], ops: [{ put: 'schedule', value: JSON.stringify(value) }] });
  return () => undefined;
}

const admin = { touches: 'none', onlyData: true, ends: 'any' } as const;
const once = { ...admin, instant: true } as const;

export const adminFaults: readonly FaultKind[] = [
  { name: 'switchover', weight: 9, ...once, begin: asking({ kind: 'switchover' }) },
  { name: 'failover', weight: 3, ...once, begin: asking({ kind: 'failover' }) },
  {
    name: 'failover with data loss',
    weight: 3,
    ...once,
    begin: asking({ kind: 'failover', allowDataLoss: true }),
  },
  { name: 'late request', weight: 3, ...once, begin: asking({ kind: 'switchover', tokenAge: 1 }) },
  { name: 'reinit', weight: 3, ...once, begin: asking({ kind: 'reinit' }) },
  { name: 'restart', weight: 3, ...once, begin: asking({ kind: 'restart' }) },
  { name: 'scheduled switchover', weight: 2, ...once, begin: schedule },
  { name: 'maintenance', weight: 3, ...admin, begin: maintenance },
  { name: 'two requests', weight: 3, ...admin, begin: twoAtOnce },
  { name: 'pause hamn', weight: 3, ...admin, begin: pause },
  { name: 'pause hamn and ask', weight: 2, ...admin, begin: pauseAndAsk },
];
