import { type RawGroup, revision } from '@hamn/core';
import { renewGroup } from '../run/renew-group.ts';
import type { Begin, FaultKind } from './fault.ts';

type Way = 'same cluster id' | 'another cluster id' | 'raised revisions';

const raisedBy = 1_000_000;

const raised = (group: RawGroup): RawGroup => ({ ...group, revision: revision(group.revision + raisedBy) });

/** etcd is restored from a backup made some seconds ago; in the end an admin sets the group up anew, as the runbook says. */
const restored =
  (way: Way): Begin =>
  (context) => {
    const { world, random } = context;
    const { etcd, scheduler } = world;
    if (world.isRestored) return undefined;
    world.isRestored = true;
    const backup = etcd.keys.snapshot;
    let done = false;
    let open = true;
    scheduler.in(random.between(300, 15_000), () => {
      if (!open) return;
      const back = etcd.quorum.outage();
      scheduler.in(random.between(50, 3000), () => {
        back();
        if (!open) return;
        done = true;
        const group = way === 'raised revisions' ? raised(backup.group) : backup.group;
        const clusterId = way === 'same cluster id' ? group.clusterId : `${group.clusterId}+`;
        world.trace.add('etcd', `* is restored: ${way}`);
        world.forgetWrites(true);
        etcd.restore({ ...backup, group }, clusterId);
        world.signals.emit({ kind: 'restored' });
      });
    });
    return () => {
      open = false;
      world.isRestored = false;
      if (!done) return;
      renewGroup(world);
      world.forgetWrites(false);
    };
  };

const whole = { touches: 'none', ends: 'any', lengthMs: 30_000 } as const;

export const restoreFaults: readonly FaultKind[] = [
  { name: 'restored etcd', weight: 1, ...whole, begin: restored('same cluster id') },
  { name: 'restored etcd, another id', weight: 1, ...whole, begin: restored('another cluster id') },
  { name: 'restored etcd, raised', weight: 1, ...whole, begin: restored('raised revisions') },
];
