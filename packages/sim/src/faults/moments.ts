import type { Random } from '../base/random.ts';
import type { Machine } from '../machine/machine.ts';
import type { World } from '../run/world.ts';

const moments = ['take', 'release', 'state', 'armed', 'writable', 'act', 'sent'] as const;

/** Waits for a moment of the protocol and calls `strike` a little later, with the node that it happened at. */
export function awaitMoment(world: World, random: Random, strike: (near: Machine | undefined) => void): void {
  const moment = random.pick(moments);
  const delayMs = random.chance(0.5) ? random.between(0, 5) : random.between(0, 400);
  let open = true;
  const happened = (near: Machine | undefined): void => {
    if (!open) return;
    open = false;
    world.scheduler.in(delayMs, () => strike(near));
  };
  if (moment === 'sent') {
    // Whatever it is, but for the heartbeats, of which there are too many.
    world.signals.on((signal) => {
      if (signal.kind !== 'sent') return;
      const isBeat = signal.txn.ops.every((op) => 'put' in op && op.put === 'heartbeat');
      if (!isBeat) happened(signal.machine);
    });
    return;
  }
  if (moment === 'armed' || moment === 'writable' || moment === 'act') {
    world.signals.on((signal) => {
      if (signal.kind === moment) happened(signal.machine);
    });
    return;
  }
  world.etcd.keys.onCommit(({ txn, after }) => {
    const puts = (key: string): boolean => txn.ops.some((op) => 'put' in op && op.put === key);
    const leader = after.entries.get('leader')?.value ?? '';
    const holder = /"(?:holder|by)":"([^"]+)"/.exec(leader)?.[1];
    const near = holder === undefined ? undefined : world.machines.get(holder);
    if (moment === 'take' && puts('leader') && leader.includes('"held"')) happened(near);
    if (moment === 'release' && puts('leader') && leader.includes('"released"')) happened(near);
    if (moment === 'state' && puts('state') && !puts('leader')) happened(near);
  });
}
