import { clientPlace, type Network } from '../machine/network.ts';
import type { FaultContext, FaultKind } from './fault.ts';

const others = ({ world, node }: FaultContext, withClient: boolean): string[] =>
  [...world.machines.keys(), ...(withClient ? [clientPlace] : [])].filter((name) => name !== node.name);

/** Applies and takes back a list of changes, and lets etcd notice. */
function during(context: FaultContext, heals: readonly (() => void)[]): () => void {
  context.world.etcd.quorum.look();
  return () => {
    for (const heal of heals) heal();
    context.world.etcd.quorum.look();
  };
}

export function isolate(context: FaultContext, withClient: boolean = context.random.chance(0.6)): () => void {
  const { world, node } = context;
  const cuts = others(context, withClient).flatMap((other) => [
    world.network.cut(node.name, other),
    world.network.cut(other, node.name),
  ]);
  return during(context, cuts);
}

function isolateOneWay(context: FaultContext): () => void {
  const { world, node, random } = context;
  const out = random.chance(0.5);
  const cuts = others(context, random.chance(0.5)).map((other) =>
    out ? world.network.cut(node.name, other) : world.network.cut(other, node.name),
  );
  return during(context, cuts);
}

/** Cuts two nodes off from each other. */
export function cutFrom(network: Network, a: string, b: string): () => void {
  const heals = [network.cut(a, b), network.cut(b, a)];
  return () => {
    for (const heal of heals) heal();
  };
}

function anyOther(context: FaultContext): string {
  const [first = context.node.name, ...rest] = others(context, false);
  return context.random.pick([first, ...rest]);
}

function cutPair(context: FaultContext): () => void {
  const { world, node, random } = context;
  const other = anyOther(context);
  const cuts = [world.network.cut(node.name, other)];
  if (random.chance(0.7)) cuts.push(world.network.cut(other, node.name));
  return during(context, cuts);
}

function cutClient(context: FaultContext): () => void {
  const { network } = context.world;
  const { name } = context.node;
  return during(context, [network.cut(name, clientPlace), network.cut(clientPlace, name)]);
}

function slow(context: FaultContext): () => void {
  const { world, node, random } = context;
  const ms = random.pick([10, 40, 120, 400]) * random.between(0.5, 1.5);
  const both = random.chance(0.6);
  const changes = others(context, true).flatMap((other) => [
    world.network.slow(node.name, other, ms),
    ...(both ? [world.network.slow(other, node.name, ms)] : []),
  ]);
  return during(context, changes);
}

function lossy(context: FaultContext): () => void {
  const { world, node, random } = context;
  const share = random.between(0.1, 0.7);
  const changes = others(context, false).flatMap((other) => [
    world.network.lose(node.name, other, share),
    world.network.lose(other, node.name, share),
  ]);
  return during(context, changes);
}

export const networkFaults: readonly FaultKind[] = [
  { name: 'isolate', weight: 9, touches: 'none', begin: (context) => isolate(context) },
  { name: 'isolate one way', weight: 6, touches: 'none', begin: isolateOneWay },
  { name: 'cut a pair', weight: 7, touches: 'none', begin: cutPair },
  { name: 'cut from the client', weight: 2, touches: 'none', begin: cutClient },
  { name: 'delay', weight: 5, touches: 'none', begin: slow },
  { name: 'loss', weight: 4, touches: 'none', begin: lossy },
];
