import type { Begin, FaultContext, FaultKind } from './fault.ts';
import { powerOff, stopWhile } from './machine-faults.ts';

/** Faults between two awaits: at the n-th step from now on, whatever the node is about to do there. */

const mostSteps = 80;

/** Begins `strike` at a step of this node's hamnd, and ends it after `lengthMs`. */
const atStep =
  (strike: Begin, lengthMs: (context: FaultContext) => number): Begin =>
  (context) => {
    const { world, node, random } = context;
    const process = world.hamnd(node.name)?.process;
    if (process === undefined) return undefined;
    let open = true;
    let end: (() => void) | undefined;
    const finish = (): void => {
      open = false;
      end?.();
      end = undefined;
    };
    const forMs = lengthMs(context);
    process.interrupt(random.int(1, mostSteps), () => {
      if (!open) return;
      world.trace.add(node.name, '* at this step');
      end = strike(context);
      world.scheduler.in(forMs, finish);
    });
    return finish;
  };

const shortOrLong = ({ random, world }: FaultContext): number =>
  random.chance(0.5) ? random.between(2, 400) : world.settings.timings.termMs * random.between(0.4, 1.8);

const awhile = ({ random }: FaultContext): number => random.between(500, 6000);

const stopHamnd: Begin = ({ world, node }) => {
  const process = world.hamnd(node.name)?.process;
  process?.freeze();
  return () => process?.thaw();
};

const crashHamnd: Begin = ({ world, node, random }) => {
  world.hamnd(node.name)?.kill();
  world.scheduler.in(random.between(5, 60), () => world.startHamnd(node.name));
  return () => undefined;
};

const stepFault = { touches: 'process', lengthMs: 10_000 } as const;

export const stepFaults: readonly FaultKind[] = [
  { name: 'pause at a step', weight: 7, ...stepFault, begin: atStep(stopHamnd, shortOrLong) },
  {
    name: 'freeze at a step',
    weight: 5,
    ...stepFault,
    begin: atStep((context) => stopWhile(context, 'freeze'), shortOrLong),
  },
  { name: 'crash at a step', weight: 6, ...stepFault, begin: atStep(crashHamnd, awhile) },
  { name: 'power-off at a step', weight: 5, ...stepFault, begin: atStep(powerOff, awhile) },
];
