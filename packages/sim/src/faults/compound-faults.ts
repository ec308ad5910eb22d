import type { Machine } from '../machine/machine.ts';
import { slowReplies } from './etcd-faults.ts';
import type { Begin, FaultContext, FaultKind } from './fault.ts';
import { powerOff, stopWhile } from './machine-faults.ts';
import { cutFrom, isolate } from './network-faults.ts';

/** Faults that only together are dangerous, in the order in which they are. */

type Step = { readonly afterMs: number; readonly begin: Begin; readonly forMs: number };

/** Begins each step after its time, for its time; the end of the whole ends what is left. */
export function inSteps(context: FaultContext, steps: readonly Step[]): () => void {
  const { scheduler } = context.world;
  const ends = new Set<() => void>();
  let open = true;
  for (const { afterMs, begin, forMs } of steps) {
    scheduler.in(afterMs, () => {
      const end = open ? begin(context) : undefined;
      if (end === undefined) return;
      ends.add(end);
      scheduler.in(forMs, () => {
        if (ends.delete(end)) end();
      });
    });
  }
  return () => {
    open = false;
    for (const end of ends) end();
    ends.clear();
  };
}

export const termMs = ({ world }: FaultContext): number => world.settings.timings.termMs;

/** Another data node, the first one. */
export const otherData = ({ world, node }: FaultContext): Machine | undefined =>
  world.dataMachines.find((machine) => machine !== node);

/** Cuts the node off from one other data node. */
const cutFromOne: Begin = (context) => {
  const other = otherData(context);
  return other === undefined ? undefined : cutFrom(context.world.network, context.node.name, other.name);
};

/** No promises; the answer to the last heartbeat comes late; then silence. */
function slowThenSilent(context: FaultContext): () => void {
  const { random } = context;
  const T = termMs(context);
  return inSteps(context, [
    { afterMs: 0, begin: slowReplies, forMs: 6 * T },
    { afterMs: T, begin: cutFromOne, forMs: 5 * T },
    { afterMs: T * random.between(1.1, 1.4), begin: isolate, forMs: 4 * T },
  ]);
}

/** An answer is read only after a freeze that was longer than the term; nothing else can be heard then. */
function lateReply(context: FaultContext): () => void {
  const T = termMs(context);
  const { random } = context;
  const frozenMs = random.between(1.05, 1.6) * T;
  return inSteps(context, [
    { afterMs: 0, begin: slowReplies, forMs: 0.5 * T + frozenMs },
    { afterMs: 0.5 * T, begin: (inner) => stopWhile(inner, 'freeze'), forMs: frozenMs },
    { afterMs: 0.75 * T, begin: isolate, forMs: 4 * T },
  ]);
}

/** The holder has lost one elector, and lives on the other’s promises while etcd is away; then etcd comes back. */
function outageWithoutAnElector(context: FaultContext): () => void {
  const { random } = context;
  const T = termMs(context);
  return inSteps(context, [
    { afterMs: 0, begin: cutFromOne, forMs: 5 * T },
    {
      afterMs: 0.3 * T,
      begin: ({ world }) => world.etcd.quorum.outage(),
      forMs: random.between(1.2, 2.5) * T,
    },
  ]);
}

/** A standby was away, comes back with a slow disk, and the primary dies just as it is recorded as synchronous. */
function deathAtRecord(context: FaultContext): (() => void) | undefined {
  const { world, random } = context;
  const standby = otherData(context);
  const back = standby === undefined ? undefined : powerOff({ ...context, node: standby });
  if (standby === undefined || back === undefined) return undefined;
  const { troubles } = standby.server;
  let open = true;
  let end: (() => void) | undefined;
  world.scheduler.in(random.between(1.5, 2.5) * termMs(context), () => {
    troubles.slowFlushMs = open ? random.between(300, 900) : 0;
    back();
  });
  let armed = true;
  world.etcd.keys.onCommit(({ txn }) => {
    const records = txn.ops.some(
      (op) => 'put' in op && op.put === 'state' && op.value.includes(`"${standby.name}"],"promotions"`),
    );
    if (!armed || !open || !records || troubles.slowFlushMs === 0) return;
    armed = false;
    world.scheduler.in(random.between(0, 100), () => {
      if (open) end = powerOff(context);
    });
  });
  return () => {
    open = false;
    troubles.slowFlushMs = 0;
    back();
    end?.();
  };
}

const both = { touches: 'process', onlyData: true, ends: 'any', lengthMs: 20_000 } as const;

export const compoundFaults: readonly FaultKind[] = [
  {
    name: 'slow, then silent',
    weight: 2,
    touches: 'none',
    onlyData: true,
    ends: 'any',
    lengthMs: 20_000,
    begin: slowThenSilent,
  },
  { name: 'late reply', weight: 2, ...both, begin: lateReply },
  {
    name: 'outage without an elector',
    weight: 2,
    touches: 'none',
    onlyData: true,
    ends: 'any',
    lengthMs: 20_000,
    begin: outageWithoutAnElector,
  },
  { name: 'death at the record', weight: 2, ...both, begin: deathAtRecord },
];
