import type { GroupKey } from '@hamn/core';
import { newestOf } from './acknowledged.ts';
import { encodeLeader, encodeState } from './encode.ts';
import type { World } from './world.ts';

/** "Set the group up anew", as docs/runbooks/etcd.md tells an admin to: everything off, the keys deleted, the newest data first, all on. */
export function renewGroup(world: World): void {
  const newest = newestOf(world.dataMachines, world.acknowledged);
  if (newest === undefined) throw new Error('No node has a whole database.');
  world.trace.add('world', `* the group is set up anew with ${newest.name}`);
  for (const machine of world.machines.values()) world.powerOff(machine);
  const old: readonly GroupKey[] = [...world.etcd.group.entries.keys()];
  world.etcd.write({ compares: [], ops: old.map((key) => ({ delete: key })) });
  world.etcd.write({
    compares: [],
    ops: [
      { put: 'leader', value: encodeLeader(newest.name, world.settings.timings.termMs) },
      { put: 'state', value: encodeState(newest.name) },
      { put: 'config', value: '{}' },
    ],
  });
  for (const machine of world.machines.values()) world.powerOn(machine);
}
