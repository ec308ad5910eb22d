import type { StoreTxn } from '@hamn/core';
import type { Machine } from '../machine/machine.ts';
import { inSteps, otherData, termMs } from './compound-faults.ts';
import { slowReplies, staleKeepAlives, stalledWatch } from './etcd-faults.ts';
import type { Begin, FaultContext, FaultKind } from './fault.ts';
import { freezeHamnd, powerOff, silenceGuard } from './machine-faults.ts';
import { cutFrom, isolate } from './network-faults.ts';

/** Faults that wait for their moment: together with what the protocol is doing just then they are dangerous. */

const puts = (txn: StoreTxn, key: string): string | undefined => {
  for (const op of txn.ops) if ('put' in op && op.put === key) return op.value;
  return undefined;
};

/** Ends that are run once, the newest first, when the fault is over. */
export class Ends {
  #ends: (() => void)[] = [];
  isOpen = true;

  add(end: (() => void) | undefined): void {
    if (end === undefined) return;
    if (this.isOpen) this.#ends.push(end);
    else end();
  }

  readonly run = (): void => {
    this.isOpen = false;
    for (const end of this.#ends.reverse()) end();
    this.#ends = [];
  };
}

/** Calls `happened` once, when another node sends a take while this fault is open. */
export function onTake({ world, node }: FaultContext, ends: Ends, happened: (taker: Machine) => void): void {
  let done = false;
  world.signals.on((signal) => {
    if (signal.kind !== 'sent' || done || !ends.isOpen || signal.machine === node) return;
    if (puts(signal.txn, 'leader')?.includes('"held"') !== true) return;
    done = true;
    happened(signal.machine);
  });
}

/** etcd stands still, and the taker's hamnd is killed, while its take is on the way. */
function crashAtTake(context: FaultContext): (() => void) | undefined {
  const { world, random } = context;
  const ends = new Ends();
  const dead = powerOff(context);
  if (dead === undefined) return undefined;
  ends.add(dead);
  onTake(context, ends, (taker) => {
    const back = world.etcd.quorum.outage();
    ends.add(once(back, world.scheduler, random.between(300, 1200)));
    world.hamnd(taker.name)?.kill();
    const restart = (): void => world.startHamnd(taker.name);
    world.scheduler.in(random.between(5, 60), restart);
    ends.add(restart);
  });
  return ends.run;
}

/** The take of a candidate stays at a member that is cut off, is settled at another one, and arrives when nobody waits for it any more. */
function lostTake(context: FaultContext): (() => void) | undefined {
  const { world, node, random } = context;
  const hamnd = world.hamnd(node.name);
  if (hamnd === undefined || !world.etcd.quorum.move(node.name)) return undefined;
  const ends = new Ends();
  hamnd.kill();
  ends.add(() => world.startHamnd(node.name));
  onTake(context, ends, (taker) => {
    const troubles = world.troubles.get(taker.name);
    if (troubles === undefined) return;
    troubles.patienceMs = 6000;
    taker.server.troubles.slowStartMs = 6000;
    taker.server.die('killed by a fault');
    ends.add(() => {
      troubles.patienceMs = 0;
      taker.server.troubles.slowStartMs = 0;
    });
    ends.add(
      once(cutFrom(world.network, taker.name, node.name), world.scheduler, random.between(1200, 3000)),
    );
  });
  return ends.run;
}

/** A candidate hears nothing of a living holder and takes; at that moment etcd stands still, and it can hear the holder again. */
function deafTake(context: FaultContext): (() => void) | undefined {
  const { world, random, node } = context;
  const other = otherData(context);
  if (other === undefined) return undefined;
  const ends = new Ends();
  const deaf = [
    stalledWatch({ ...context, node: other }) ?? (() => undefined),
    cutFrom(world.network, node.name, other.name),
  ];
  const hear = (): void => {
    for (const end of deaf.splice(0)) end();
  };
  ends.add(hear);
  onTake(context, ends, (taker) => {
    ends.add(once(world.etcd.quorum.outage(), world.scheduler, random.between(700, 2500)));
    hear();
    if (!random.chance(0.5)) return;
    world.hamnd(taker.name)?.kill();
    const restart = (): void => world.startHamnd(taker.name);
    world.scheduler.in(random.between(5, 60), restart);
    ends.add(restart);
  });
  return ends.run;
}

/** The standby does not hear that it was taken out of the record, and the primary dies before its next heartbeat. */
function deathAtShrink(context: FaultContext): (() => void) | undefined {
  const { world, node, random } = context;
  const standby = otherData(context);
  if (standby === undefined || !node.server.isWritable) return undefined;
  const ends = new Ends();
  ends.add(cutFrom(world.network, node.name, standby.name));
  let done = false;
  world.etcd.keys.onCommit(({ txn, before }) => {
    const state = puts(txn, 'state');
    const shrinks = state !== undefined && puts(txn, 'leader') === undefined && !names(state, standby);
    if (done || !ends.isOpen || !shrinks || !names(before.entries.get('state')?.value, standby)) return;
    done = true;
    ends.add(stalledWatch({ ...context, node: standby }));
    world.scheduler.in(random.between(30, 250), () => {
      if (ends.isOpen) ends.add(powerOff(context));
    });
  });
  return ends.run;
}

const names = (state: string | undefined, machine: Machine): boolean =>
  state !== undefined && new RegExp(`"synchronous":\\[[^\\]]*"${machine.name}"`).test(state);

/** A third node is left behind on the old timeline; then the new primary dies as well. */
function leftBehind(context: FaultContext): (() => void) | undefined {
  const { world, node, random } = context;
  const [a, b] = world.dataMachines.filter((machine) => machine !== node);
  if (a === undefined || b === undefined) return undefined;
  const first = powerOff(context);
  if (first === undefined) return undefined;
  const ends = new Ends();
  ends.add(first);
  ends.add(cutFrom(world.network, a.name, b.name));
  let done = false;
  world.etcd.keys.onCommit(({ txn }) => {
    const state = puts(txn, 'state');
    if (done || !ends.isOpen || state === undefined || puts(txn, 'leader') !== undefined) return;
    done = true;
    const next = [a, b].find((machine) => machine.server.isWritable);
    if (next === undefined) return;
    world.scheduler.in(random.between(100, 1500), () => {
      if (!ends.isOpen) return;
      first();
      ends.add(powerOff({ ...context, node: next }));
    });
  });
  return ends.run;
}

/** A new primary loses its term before it has recorded its promotion; the next one makes the same number, and dies when the first is back. */
function twiceTheNumber(context: FaultContext): (() => void) | undefined {
  const { world, node, random } = context;
  if (world.dataMachines.length < 3) return undefined;
  const first = powerOff(context);
  if (first === undefined) return undefined;
  const ends = new Ends();
  ends.add(first);
  let cut: Machine | undefined;
  let heal: (() => void) | undefined;
  let done = false;
  world.signals.on((signal) => {
    if (!ends.isOpen) return;
    if (signal.kind === 'writable' && cut === undefined && signal.machine !== node) {
      cut = signal.machine;
      heal = isolate({ ...context, node: cut }, false) ?? undefined;
      ends.add(heal);
    } else if (signal.kind === 'harmless' && signal.machine === cut && heal !== undefined)
      world.scheduler.in(random.between(0, 300), heal);
  });
  world.etcd.keys.onCommit(({ txn }) => {
    if (done || !ends.isOpen || puts(txn, 'state') === undefined || puts(txn, 'leader') !== undefined) return;
    const next = world.dataMachines.find((machine) => machine !== cut && machine.server.isWritable);
    if (cut === undefined || next === undefined) return;
    done = true;
    world.scheduler.in(random.between(100, 2500), () => {
      if (!ends.isOpen) return;
      first();
      ends.add(powerOff({ ...context, node: next }));
    });
  });
  return ends.run;
}

export const once = (
  run: () => void,
  scheduler: FaultContext['world']['scheduler'],
  afterMs: number,
): (() => void) => {
  let open = true;
  const end = (): void => {
    if (open) run();
    open = false;
  };
  scheduler.in(afterMs, end);
  return end;
};

const all =
  (...begins: readonly Begin[]): Begin =>
  (context) => {
    const ends = new Ends();
    for (const begin of begins) ends.add(begin(context));
    return ends.run;
  };

/** The guard falls silent; when the term must be over, hamnd stops as well. */
const guardThenHamnd: Begin = (context) => {
  // The term that runs keeps the T that it was taken with.
  const T = Math.max(termMs(context), context.node.guard.view.record?.termMs ?? 0);
  return inSteps(context, [
    { afterMs: 0, begin: silenceGuard, forMs: 4 * T },
    { afterMs: context.random.between(1, 1.5) * T, begin: freezeHamnd, forMs: 2 * T },
  ]);
};

/** The etcd member beside the primary is cut off, answers its keepalives, and its watch shows what was. */
const stalledEtcd: Begin = all(staleKeepAlives, stalledWatch, (context) => isolate(context, false));

/** A standby is away for longer than ten terms; just then the primary is cut off from everybody. */
const awayForLong: Begin = (context) => {
  const T = termMs(context);
  const other = otherData(context);
  if (other === undefined) return undefined;
  return inSteps(context, [
    {
      afterMs: 0,
      begin: (inner) => cutFrom(inner.world.network, inner.node.name, other.name),
      forMs: 16 * T,
    },
    { afterMs: context.random.between(9.8, 10.2) * T, begin: (inner) => isolate(inner, false), forMs: 5 * T },
  ]);
};

/** No promises, answers of etcd that come late, and then a machine that stands still. */
const slowThenFrozen: Begin = all(slowReplies, freezeHamnd);

const moment = { touches: 'process', onlyData: true, ends: 'any', lengthMs: 20_000 } as const;

export const momentFaults: readonly FaultKind[] = [
  { name: 'crash at the take', weight: 2, ...moment, begin: crashAtTake },
  { name: 'lost take', weight: 2, ...moment, begin: lostTake },
  { name: 'deaf take', weight: 2, ...moment, begin: deafTake },
  { name: 'death at the shrink', weight: 2, ...moment, begin: deathAtShrink },
  { name: 'left behind', weight: 1, ...moment, begin: leftBehind },
  { name: 'twice the number', weight: 1, ...moment, begin: twiceTheNumber },
  { name: 'silent guard, then frozen hamnd', weight: 2, ...moment, begin: guardThenHamnd },
  { name: 'stalled etcd', weight: 2, ...moment, touches: 'none', begin: stalledEtcd },
  { name: 'away for long', weight: 2, ...moment, touches: 'none', begin: awayForLong },
  { name: 'slow, then frozen', weight: 2, ...moment, lengthMs: 8000, begin: slowThenFrozen },
];
