import type { FaultContext, FaultKind } from './fault.ts';

/** What happens to resources. None of it is worth the role, unless a policy says so. */

const heal =
  ({ node }: FaultContext): (() => void) =>
  () =>
    node.units.noTrouble();

function badServices(context: FaultContext): () => void {
  const { node, random } = context;
  const { troubles } = node.units;
  if (random.chance(0.5)) troubles.startFailShare = random.between(0.2, 0.7);
  else troubles.slowMs = random.between(500, 4000);
  return heal(context);
}

function killUnit({ node, random }: FaultContext): (() => void) | undefined {
  // The console's one failure moves the role: that is its policy.
  const [first, ...rest] = node.units.running.filter((name) => !name.includes('console'));
  if (first === undefined) return undefined;
  node.units.kill(random.pick([first, ...rest]));
  return () => undefined;
}

function deadForGood(context: FaultContext): (() => void) | undefined {
  const ended = killUnit(context);
  if (ended === undefined) return undefined;
  context.node.units.troubles.startFailShare = 1;
  return heal(context);
}

/** One look says that something which runs does not. */
function lie({ node }: FaultContext): () => void {
  node.units.troubles.lies = 1;
  return () => undefined;
}

const trouble =
  (which: 'startHangs' | 'stopFails' | 'jobHangs') =>
  (context: FaultContext): (() => void) => {
    context.node.units.troubles[which] = true;
    return heal(context);
  };

const base = { touches: 'none', onlyData: true } as const;

export const resourceFaults: readonly FaultKind[] = [
  { name: 'bad services', weight: 2, ...base, begin: badServices },
  { name: 'kill service', weight: 2, ...base, instant: true, ends: 'none', begin: killUnit },
  { name: 'service dead for good', weight: 2, ...base, ends: 'none', begin: deadForGood },
  { name: 'lying monitor', weight: 2, ...base, instant: true, ends: 'none', begin: lie },
  { name: 'hung start', weight: 2, ...base, ends: 'none', begin: trouble('startHangs') },
  { name: 'failing stop', weight: 2, ...base, ends: 'none', begin: trouble('stopFails') },
  { name: 'hung job', weight: 2, ...base, ends: 'none', begin: trouble('jobHangs') },
];
