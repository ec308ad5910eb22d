import { type FencingValue, fencingKey, leaderSchema, nodeId } from '@hamn/core';
import type { SwitchTrouble } from '../hamnd/sim-fencing.ts';
import type { Begin, FaultContext, FaultKind } from './fault.ts';

/** The power switches of the machines, and the admin who takes their place. */

const troubled =
  (trouble: SwitchTrouble): Begin =>
  ({ world, node }) => {
    world.switchTroubles.set(node.name, trouble);
    return () => world.switchTroubles.delete(node.name);
  };

/** `hamnctl fence NODE --confirmed-by-hand`: the holder is off, and an admin has seen it. */
function confirmedByHand({ world, node }: FaultContext): (() => void) | undefined {
  const entry = world.etcd.group.entries.get('leader');
  if (entry === undefined) return undefined;
  const leader = leaderSchema.parse(JSON.parse(entry.value));
  if (leader.kind !== 'held') return undefined;
  const holder = world.machine(leader.holder);
  if (holder.up && holder !== node) return undefined;
  const boot = holder.boots;
  if (holder.up) world.powerOff(holder);
  const value: FencingValue = {
    target: nodeId(holder.name),
    token: Number(entry.mod),
    leaderNonce: leader.nonce,
    stage: 'confirmed',
    by: nodeId(node.name),
    byHand: 'admin',
    message: 'admin has seen that it is off.',
    atWallMs: 1_800_000_000_000,
  };
  world.etcd.write({
    compares: [],
    ops: [{ put: fencingKey(nodeId(holder.name)), value: JSON.stringify(value) }],
  });
  return () => {
    if (holder.boots === boot) world.powerOn(holder);
  };
}

const data = { touches: 'none', onlyData: true } as const;

export const fencingFaults: readonly FaultKind[] = [
  { name: 'fencing fails', weight: 2, ...data, ends: 'none', begin: troubled('fails') },
  { name: 'fencing hangs', weight: 2, ...data, ends: 'none', begin: troubled('hangs') },
  { name: 'fencing hits late', weight: 3, ...data, ends: 'none', begin: troubled('late') },
  { name: 'confirmed by hand', weight: 2, ...data, touches: 'process', begin: confirmedByHand },
];
