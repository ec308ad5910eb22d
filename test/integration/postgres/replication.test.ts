import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';
import { makeLedger, sumsEverywhere } from './rows.ts';

/** The first promise of a replicated database: what one node has, all have, before and after a failover. */
const ground = useGround(threeData);
const client = useClient(ground);

/** One checksum, on all nodes. */
async function ledgerEverywhere(): Promise<string> {
  const sums = await sumsEverywhere(ground, 'ledger');
  expect([...sums.keys()].sort()).toEqual(['mn1', 'mn2', 'mn3']);
  expect(new Set(sums.values()).size).toBe(1);
  return [...sums.values()].join().split(',')[0] ?? '';
}

describe('three data nodes', () => {
  it('replicate and fail over: every row of a table is the same on all nodes, before and after', async () => {
    const before = await ground.cast();
    const from = monotonicMs();
    await makeLedger(ground, before.primary, 20_000);
    const first = await ledgerEverywhere();
    expect(first).toMatch(/^18182 /);

    await ground.lab.powerOff(before.primary);
    await writesGoOn(client, 30_000);
    await ground.lab.powerOn(before.primary);
    const after = await ground.cast(90_000);
    expect(before.standbys).toContain(after.primary);
    expect(await ledgerEverywhere()).toBe(first);

    await makeLedger(ground, after.primary, 1000);
    expect(await ledgerEverywhere()).toMatch(/^910 /);
    await nothingLost(ground, client, from);
  });
});
