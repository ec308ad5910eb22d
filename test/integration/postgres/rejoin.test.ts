import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';
import { makeLedger, sumsEverywhere } from './rows.ts';

/** How a node comes back to the others. */
const ground = useGround(threeData);
const client = useClient(ground);

describe('a primary that was cut off', () => {
  it('and wrote what nobody else has comes back by a rewind, and has the same rows as all', async () => {
    await ground.change(/mode: \w+/, 'mode: asynchronous');
    await ground.until(/asynchronous/, 30_000, async () =>
      String((await ground.cluster.anyStatus())?.replication?.mode),
    );
    const { primary } = await ground.cast();
    const since = Date.now();
    await makeLedger(ground, primary, 2000);
    await sumsEverywhere(ground, 'ledger');
    await ground.lab.isolate(primary);
    // Beside the database, within the time in which the guard has not ended it yet.
    await ground.sql(primary, "insert into ledger values (1000000, 'nobody else has it', '')");
    await writesGoOn(client, 30_000);
    await ground.lab.heal(primary);
    const after = await ground.cast(120_000);
    expect(after.primary).not.toBe(primary);
    const journal = await ground.journal(primary, since);
    expect(journal).toMatch(/postgres\.rewind\.done/);
    expect(journal).not.toMatch(/postgres\.clone\./);
    const sums = await sumsEverywhere(ground, 'ledger');
    expect(new Set(sums.values()).size).toBe(1);
    expect(await ground.sql(primary, 'select count(*) from ledger where id = 1000000')).toBe('0');
  });
});

describe('a standby that is cloned again', () => {
  it('while clients write disturbs nobody, and has the same rows as all', async () => {
    const { primary, standbys } = await ground.cast();
    const [standby = ''] = standbys;
    await makeLedger(ground, primary, 50_000);
    const from = monotonicMs();
    const before = await ground.term(primary);
    const since = Date.now();
    const asked = await ground.hamnctl('reinit', standby, '--yes', '--wait');
    expect(asked).toMatchObject({ code: 0 });
    await writesGoOn(client, 15_000);
    await ground.cast(120_000);
    expect(await ground.journal(standby, since)).toMatch(/postgres\.clone\.done/);
    expect(await ground.term(primary)).toBe(before);
    const sums = await sumsEverywhere(ground, 'ledger');
    expect(new Set(sums.values()).size).toBe(1);
    await nothingLost(ground, client, from);
  });
});
