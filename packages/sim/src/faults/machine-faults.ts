import type { FaultContext, FaultKind } from './fault.ts';

export function powerOff({ world, node }: FaultContext): (() => void) | undefined {
  if (!node.up) return undefined;
  world.powerOff(node);
  return () => world.powerOn(node);
}

export function stopWhile(context: FaultContext, what: 'freeze' | 'pause'): (() => void) | undefined {
  const { world, node } = context;
  if (!node.runs) return undefined;
  const boot = node.boots;
  if (what === 'freeze') node.freeze();
  else node.pause();
  const heals = what === 'pause' ? cutOff(context) : [];
  world.etcd.quorum.look();
  return () => {
    for (const heal of heals) heal();
    if (node.boots !== boot || !node.up) return;
    if (what === 'freeze') node.thaw();
    else node.unpause();
  };
}

/** A paused machine is silent: nothing comes in or out. */
const cutOff = ({ world, node }: FaultContext): (() => void)[] =>
  [...world.machines.keys(), 'client']
    .filter((other) => other !== node.name)
    .flatMap((other) => [world.network.cut(node.name, other), world.network.cut(other, node.name)]);

function killHamnd({ world, node, random }: FaultContext): (() => void) | undefined {
  const hamnd = world.hamnd(node.name);
  if (hamnd === undefined) return undefined;
  hamnd.kill();
  // systemd starts it again at once, but for a part of the cases in which it stays away.
  if (random.chance(0.5)) world.scheduler.in(random.between(5, 60), () => world.startHamnd(node.name));
  return () => world.startHamnd(node.name);
}

/** An upgrade, or a crash: systemd starts it again at once. */
function restartHamnd({ world, node, random }: FaultContext): (() => void) | undefined {
  const hamnd = world.hamnd(node.name);
  if (hamnd === undefined) return undefined;
  hamnd.kill();
  world.scheduler.in(random.between(5, 60), () => world.startHamnd(node.name));
  return () => undefined;
}

export function freezeHamnd({ world, node }: FaultContext): (() => void) | undefined {
  const process = world.hamnd(node.name)?.process;
  if (process === undefined) return undefined;
  process.freeze();
  return () => process.thaw();
}

/** A busy machine: hamnd, or everything, stands still again and again for some hundred milliseconds at most. */
function stutter({ world, node, random }: FaultContext, whole: boolean): () => void {
  let open = true;
  const again = (): void => {
    if (!open) return;
    const process = world.hamnd(node.name)?.process;
    const boot = node.boots;
    if (whole && node.runs) {
      node.freeze();
      world.scheduler.in(random.between(5, 300), () => {
        if (node.up && node.boots === boot) node.thaw();
      });
    } else if (!whole) {
      process?.freeze();
      world.scheduler.in(random.between(5, 300), () => process?.thaw());
    }
    world.scheduler.in(random.between(320, 1200), again);
  };
  again();
  return () => {
    open = false;
  };
}

function killGuard({ world, node, random }: FaultContext): (() => void) | undefined {
  const process = node.guard.process;
  if (process === undefined || !node.up) return undefined;
  process.kill();
  node.guard.changed();
  const boot = node.boots;
  world.scheduler.in(random.between(15, 80), () => {
    if (node.up && node.boots === boot && node.guard.process === undefined) node.startGuard();
  });
  return () => undefined;
}

export function silenceGuard({ node }: FaultContext): (() => void) | undefined {
  const process = node.guard.process;
  if (process === undefined) return undefined;
  process.freeze();
  return () => process.thaw();
}

function unverified({ node }: FaultContext): (() => void) | undefined {
  node.cannotVerify = true;
  return () => {
    node.cannotVerify = false;
  };
}

export const machineFaults: readonly FaultKind[] = [
  { name: 'power-off', weight: 10, touches: 'process', begin: powerOff },
  { name: 'pause', weight: 7, touches: 'process', begin: (context) => stopWhile(context, 'pause') },
  { name: 'freeze', weight: 7, touches: 'process', begin: (context) => stopWhile(context, 'freeze') },
  { name: 'kill hamnd', weight: 8, touches: 'process', begin: killHamnd },
  {
    name: 'restart hamnd',
    weight: 6,
    touches: 'process',
    instant: true,
    ends: 'none',
    begin: restartHamnd,
  },
  { name: 'freeze hamnd', weight: 6, touches: 'process', begin: freezeHamnd },
  { name: 'stuttering hamnd', weight: 5, touches: 'process', begin: (context) => stutter(context, false) },
  { name: 'stuttering machine', weight: 4, touches: 'process', begin: (context) => stutter(context, true) },
  {
    name: 'kill guard',
    weight: 4,
    touches: 'guard',
    restarts: true,
    ends: 'none',
    onlyData: true,
    instant: true,
    begin: killGuard,
  },
  { name: 'silent guard', weight: 4, touches: 'guard', onlyData: true, begin: silenceGuard },
  { name: 'guard cannot verify', weight: 2, touches: 'guard', onlyData: true, begin: unverified },
];
