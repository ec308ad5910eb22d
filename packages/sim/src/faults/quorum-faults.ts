import type { Machine } from '../machine/machine.ts';
import { otherData } from './compound-faults.ts';
import type { FaultContext, FaultKind } from './fault.ts';
import { timeStops } from './ground-faults.ts';
import { freezeHamnd, powerOff } from './machine-faults.ts';
import { Ends, once, onTake } from './moment-faults.ts';
import { cutFrom } from './network-faults.ts';

/** What is dangerous where each write is on some of the standbys only. */

/** A primary whose time stood still goes on just as another node takes its term: what still streams from it can acknowledge its writes. */
function thawAtTake(context: FaultContext): (() => void) | undefined {
  const { world, random } = context;
  const goOn = timeStops(context);
  if (goOn === undefined) return undefined;
  const ends = new Ends();
  let stands = true;
  const thaw = (): void => {
    if (stands) goOn();
    stands = false;
  };
  ends.add(thaw);
  onTake(context, ends, () => world.scheduler.in(random.between(0, 30), thaw));
  return ends.run;
}

/** Its hamnd stands still, then its time; the time goes on, without hamnd, just as the first standby stops receiving from it. */
function thawAtStatement(context: FaultContext): (() => void) | undefined {
  const { world, random, node } = context;
  const frozen = freezeHamnd(context);
  const goOn = frozen === undefined ? undefined : timeStops(context);
  if (frozen === undefined || goOn === undefined) return frozen;
  const ends = new Ends();
  ends.add(frozen);
  let stands = true;
  const thaw = (): void => {
    if (stands) goOn();
    stands = false;
  };
  ends.add(thaw);
  world.signals.on((signal) => {
    if (signal.kind !== 'decided' || signal.rule !== 'detach' || signal.machine === node || !stands) return;
    world.scheduler.in(random.between(0, 15), thaw);
  });
  return ends.run;
}

/** One standby is behind the other when the primary dies. */
function deathWithOneBehind(context: FaultContext): (() => void) | undefined {
  const { world, random } = context;
  const standby = otherData(context);
  if (standby === undefined || !context.node.server.isWritable) return undefined;
  const ends = new Ends();
  const { troubles } = standby.server;
  troubles.slowFlushMs = random.between(200, 700);
  ends.add(() => {
    troubles.slowFlushMs = 0;
  });
  world.scheduler.in(random.between(100, 900), () => {
    if (ends.isOpen) ends.add(powerOff(context));
  });
  return ends.run;
}

/** The hamnd of a standby that was heard begins anew while the take of who heard it is on its way. */
function restartAtTake(context: FaultContext): (() => void) | undefined {
  const { world, random, node } = context;
  const frozen = freezeHamnd(context);
  if (frozen === undefined) return undefined;
  const ends = new Ends();
  ends.add(frozen);
  onTake(context, ends, (taker) => {
    const troubles = world.troubles.get(taker.name);
    if (troubles === undefined) return;
    troubles.patienceMs = 6000;
    ends.add(() => {
      troubles.patienceMs = 0;
    });
    for (const other of others(context, taker)) {
      ends.add(
        once(cutFrom(world.network, taker.name, other.name), world.scheduler, random.between(300, 1200)),
      );
      if (other === node) continue;
      world.hamnd(other.name)?.kill();
      const restart = (): void => world.startHamnd(other.name);
      world.scheduler.in(random.between(5, 60), restart);
      ends.add(restart);
    }
  });
  return ends.run;
}

const others = ({ world }: FaultContext, but: Machine): readonly Machine[] =>
  [...world.machines.values()].filter((machine) => machine !== but);

const moment = {
  touches: 'process',
  onlyData: true,
  ends: 'any',
  lengthMs: 12_000,
  mode: 'quorum',
} as const;

export const quorumFaults: readonly FaultKind[] = [
  { name: 'thaw at the take', weight: 4, ...moment, begin: thawAtTake },
  { name: 'thaw at the statement', weight: 4, ...moment, begin: thawAtStatement },
  { name: 'death with one behind', weight: 4, ...moment, begin: deathWithOneBehind },
  { name: 'restart at the take', weight: 3, ...moment, begin: restartAtTake },
];
