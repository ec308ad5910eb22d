import { setTimeout as sleep } from 'node:timers/promises';
import type { Recorder } from '../cluster/index.ts';
import { etcdFaults, etcdLeader, etcdLedBy, moveEtcdLeader } from './etcd.ts';
import { type Figures, Stage } from './stage.ts';

/** Longer than T: a term that nobody renews meanwhile is over. */
const lastsMs = 5000;
/** hamn looks every other second and asks again after five. */
const offThePrimaryMs = 20_000;
const mostGapMs = 1000;

export interface Try {
  readonly fault: 'kill' | 'freeze';
  readonly on: 'witness' | 'standby';
}

/** In turn, so that each kind comes after each other one. */
export const triesOf = (count: number): readonly Try[] =>
  Array.from({ length: count }, (_, at) => ({
    fault: at % 2 === 0 ? 'kill' : 'freeze',
    on: Math.floor(at / 2) % 2 === 0 ? 'witness' : 'standby',
  }));

/** The etcd leader's death or standstill anywhere but beside the primary demotes nobody; afterwards etcd is not led beside the primary. */
export async function leaderLost(recorder: Recorder, one: Try): Promise<Figures> {
  const stage = await Stage.begin(recorder);
  const { primary, standby, witness } = stage.cast;
  const victim = one.on === 'witness' ? witness : standby;
  const fault = etcdFaults.find(({ name }) => name === one.fault) ?? etcdFaults[0];
  await etcdLedBy(primary, () => true, 10_000);
  await moveEtcdLeader(victim);
  await etcdLedBy(primary, (node) => node === victim, 10_000);
  await fault?.begin(victim);
  let next: string | undefined;
  try {
    await sleep(lastsMs);
    next = await etcdLeader(primary);
    await stage.undisturbed(mostGapMs);
  } finally {
    await fault?.end(victim);
  }
  const final = await etcdLedBy(primary, (node) => node !== primary, offThePrimaryMs);
  await stage.judge();
  return {
    fault: one.fault,
    on: `${one.on} ${victim}`,
    gap_ms: await stage.undisturbed(mostGapMs),
    led_next_by: next === primary ? `${next} (the primary’s)` : (next ?? 'nobody'),
    led_at_the_end_by: final,
  };
}
