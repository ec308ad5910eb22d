import { encodeLeader, encodeState } from './encode.ts';
import type { World } from './world.ts';

/** What `hamnctl init` and the packages leave behind: the keys of a new group, a database on the first node, hamnd everywhere. */
export function bootstrap(world: World): void {
  const [first] = world.dataMachines;
  if (first === undefined) throw new Error('A scenario has at least one data node.');
  const { name } = first;
  const { disk } = first.server.parts;
  disk.data = 'present';
  disk.position = { branch: world.rootBranch, lsn: 50_000 };
  disk.controlLsn = 50_000;
  world.etcd.write({
    compares: [],
    ops: [
      { put: 'leader', value: encodeLeader(name, world.scenario.timings.termMs) },
      { put: 'state', value: encodeState(name) },
      { put: 'config', value: '{}' },
      { put: 'identity', value: JSON.stringify({ id: 'the-group', by: name, atWallMs: 0 }) },
    ],
  });
  if (world.scenario.adopts) first.server.start(false, () => undefined);
  world.scheduler.in(world.scenario.adopts ? 1000 : 0, () => {
    for (const machine of world.machines.values()) {
      machine.startGuard();
      world.startHamnd(machine.name);
    }
  });
}
