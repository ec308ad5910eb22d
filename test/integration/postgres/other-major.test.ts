import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { twoData, useGround } from './ground.ts';
import { makeLedger, sumsEverywhere } from './rows.ts';

/** The same cluster on Debian's next release, with its PostgreSQL, its systemd and its etcd. The package is the same file. */
const ground = useGround(twoData, { release: 'trixie' });
const client = useClient(ground);

describe('with PostgreSQL 17', () => {
  it('the nodes replicate synchronously', async () => {
    const { primary, standby } = await ground.cast();
    expect(await ground.sql(primary, 'show server_version')).toMatch(/^17\./);
    expect(await ground.sql(primary, 'show synchronous_standby_names')).toContain(standby);
    await makeLedger(ground, primary, 5000);
    expect(new Set((await sumsEverywhere(ground, 'ledger')).values()).size).toBe(1);
  });

  it('a power-off of the primary moves the role and loses nothing', async () => {
    const { primary, standby } = await ground.cast();
    const from = monotonicMs();
    await ground.lab.powerOff(primary);
    await writesGoOn(client, 30_000);
    await ground.lab.powerOn(primary);
    await nothingLost(ground, client, from);
    expect((await ground.cast()).primary).toBe(standby);
  });

  it('a switchover gives the role over, and the old primary follows', async () => {
    const { primary, standby } = await ground.cast();
    const from = monotonicMs();
    const asked = await ground.hamnctlAt(primary, 'switchover', '--to', standby, '--yes', '--wait');
    expect(asked).toMatchObject({ code: 0 });
    await nothingLost(ground, client, from);
    expect((await ground.cast()).primary).toBe(standby);
  });

  it('a primary that was cut off with writes of its own comes back by a rewind', async () => {
    await ground.change(/mode: \w+/, 'mode: asynchronous');
    await ground.until(/asynchronous/, 30_000, async () =>
      String((await ground.cluster.anyStatus())?.replication?.mode),
    );
    const { primary, standby } = await ground.cast();
    const since = Date.now();
    await makeLedger(ground, primary, 2000);
    await ground.lab.isolate(primary);
    await ground.sql(primary, "insert into ledger values (1000000, 'nobody else has it', '')");
    await writesGoOn(client, 30_000);
    await ground.lab.heal(primary);
    expect((await ground.cast(120_000)).primary).toBe(standby);
    expect(await ground.journal(primary, since)).toMatch(/postgres\.rewind\.done/);
    expect(new Set((await sumsEverywhere(ground, 'ledger')).values()).size).toBe(1);
  });
});
