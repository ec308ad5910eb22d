import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { debianUnit } from '../../cluster/index.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';

/** A replication slot for each other node, on standbys too, so that whoever takes over still has the WAL that the others need. */
const ground = useGround(threeData);
const client = useClient(ground);
const unit = debianUnit(ground.lab.release.postgres);

const slotsOf = (node: string): Promise<string> =>
  ground
    .sql(node, 'select slot_name from pg_replication_slots order by 1')
    .then((text) => text.replaceAll('\n', ','));

const others = (node: string): string =>
  ground.nodes
    .filter((each) => each !== node)
    .map((each) => `hamn_${each}`)
    .join();

describe('replication slots', () => {
  it('are on every data node for every other one, and are moved on where nobody uses them', async () => {
    const { primary, standbys } = await ground.cast();
    for (const node of [primary, ...standbys])
      expect(await ground.until(new RegExp(`^${others(node)}$`), 20_000, () => slotsOf(node))).toBe(
        others(node),
      );
    const [first = '', second = ''] = standbys;
    const lsn = await ground.sql(primary, 'select pg_current_wal_lsn()');
    await writesGoOn(client, 10_000);
    // A slot never passes its server's own restartpoint, which follows a checkpoint of the primary.
    await ground.sql(primary, 'checkpoint');
    const passed = `checkpoint; select restart_lsn >= '${lsn}' from pg_replication_slots where slot_name = 'hamn_${second}'`;
    expect(await ground.until(/^t$/, 60_000, () => ground.sql(first, passed))).toBe('t');
  });

  it('keep the WAL of a standby that is away over a failover: it streams on from the new primary, and is not cloned', async () => {
    const { primary, standbys } = await ground.cast();
    const [first = '', second = ''] = standbys;
    const from = monotonicMs();
    const wall = Date.now();
    await ground.sh(second, `systemctl stop hamnd; systemctl stop ${unit}`, 60_000);
    await writesGoOn(client, 20_000);
    await ground.sql(primary, 'select pg_switch_wal(); checkpoint');
    await writesGoOn(client, 10_000);
    await ground.lab.powerOff(primary);
    await writesGoOn(client, 30_000);
    expect(await ground.cluster.primary(first)).toBe(first);
    expect(await slotsOf(first)).toContain(`hamn_${second}`);
    await ground.sh(second, 'systemctl start hamnd', 60_000);
    await ground.lab.powerOn(primary);
    await nothingLost(ground, client, from);
    expect(await ground.journal(second, wall)).not.toMatch(/is cloned from|is rewound to/);
  });

  it('of others than hamn are left alone, on the primary and after a switchover on the standby', async () => {
    const { primary, standbys } = await ground.cast();
    const from = monotonicMs();
    const [to = ''] = standbys;
    await ground.sql(primary, "select pg_create_physical_replication_slot('backup_tool')");
    const moved = await ground.hamnctl('switchover', '--to', to, '--yes', '--wait');
    expect(moved).toMatchObject({ code: 0 });
    await ground.cast();
    expect(await slotsOf(primary)).toContain('backup_tool');
    await ground.sql(primary, "select pg_drop_replication_slot('backup_tool')");
    await nothingLost(ground, client, from);
  });
});
