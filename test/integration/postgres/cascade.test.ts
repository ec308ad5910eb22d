import { afterEach, describe, expect, it } from 'vitest';
import { useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';
import { makeLedger, sumsEverywhere } from './rows.ts';

/** A standby that receives from another standby. In mode asynchronous, in which each node may lead by the ordinary rules. */
const ground = useGround(threeData);
const client = useClient(ground);

/** Whom a node receives from and whether it streams, by its own server: `mn2 streaming`. The upstream is told by its cluster_name. */
async function receiver(node: string): Promise<string> {
  const said = await ground.sql(
    node,
    `select coalesce((select status || ' ' || sender_host from pg_stat_wal_receiver), 'none')`,
  );
  const [status = '', host = ''] = said.split(' ');
  const upstream = (await ground.cluster.anyStatus())?.nodes.find(({ address }) => address === host);
  return `${upstream?.name ?? said} ${status}`;
}

const receives = (node: string, upstream: string, limitMs: number): Promise<string> =>
  ground.until(new RegExp(`^${upstream} streaming$`), limitMs, () => receiver(node));

const slotOf = (node: string, of: string): Promise<string> =>
  ground.sql(node, `select active from pg_replication_slots where slot_name = 'hamn_${of}'`);

/** mode asynchronous, and `last` of the two standbys receives from the other one. */
async function cascade(): Promise<{ primary: string; upstream: string; last: string }> {
  await ground.change(/mode: \w+/, 'mode: asynchronous');
  await ground.until(/asynchronous/, 30_000, async () =>
    String((await ground.cluster.anyStatus())?.replication?.mode),
  );
  const { primary, standbys } = await ground.cast();
  const [upstream = '', last = ''] = standbys;
  await ground.change(
    new RegExp(`( ${last}: \\{address: [0-9.]+)[^}]*\\}`),
    `$1, replicatefrom: ${upstream}}`,
  );
  expect(await receives(last, upstream, 60_000)).toBe(`${upstream} streaming`);
  return { primary, upstream, last };
}

const theSame = async (): Promise<void> => {
  const sums = await sumsEverywhere(ground, 'ledger');
  expect(sums.size).toBe(3);
  expect(new Set(sums.values()).size).toBe(1);
};

describe('a standby that receives from a standby', () => {
  afterEach(async () => {
    for (const node of ground.nodes) if (!(await ground.lab.isOn(node))) await ground.lab.powerOn(node);
  });

  it('uses its slot there, is shown with its upstream, and is waited for by no commit', async () => {
    const { primary, upstream, last } = await cascade();
    await makeLedger(ground, primary, 2000);
    await theSame();
    expect(await slotOf(upstream, last)).toBe('t');
    expect(await slotOf(primary, last)).toBe('f');
    expect((await ground.hamnctl('status')).stdout).toContain(`streaming from ${upstream}`);
    // The primary keeps no more WAL for it than it lacks.
    const lsn = await ground.sql(primary, 'select pg_current_wal_lsn()');
    await writesGoOn(client, 10_000);
    await ground.sql(primary, 'checkpoint');
    const passed = `select restart_lsn >= '${lsn}' from pg_replication_slots where slot_name = 'hamn_${last}'`;
    expect(await ground.until(/^t$/, 60_000, () => ground.sql(primary, passed))).toBe('t');
    await ground.change(/mode: \w+/, 'mode: synchronous');
    const set = await ground.until(new RegExp(`^${[primary, upstream].sort().join()}$`), 60_000, async () =>
      [...((await ground.cluster.anyStatus())?.replication?.synchronous ?? [])].sort().join(),
    );
    expect(set).toBe([primary, upstream].sort().join());
  });

  it('follows its upstream through a failover, without a clone or a rewind', async () => {
    const { primary, upstream, last } = await cascade();
    await makeLedger(ground, primary, 2000);
    await theSame();
    const since = Date.now();
    await ground.lab.powerOff(primary);
    await writesGoOn(client, 60_000);
    const now = await ground.cluster.primary(upstream);
    expect([upstream, last]).toContain(now);
    // Of two it is the upstream that leads, or the last one, whom the upstream then follows.
    if (now === upstream) expect(await receives(last, upstream, 60_000)).toBe(`${upstream} streaming`);
    else expect(await receives(upstream, last, 60_000)).toBe(`${last} streaming`);
    await ground.lab.powerOn(primary);
    await ground.cast(120_000);
    await theSame();
    for (const node of [upstream, last])
      expect(await ground.journal(node, since)).not.toMatch(/is cloned from|is rewound to/);
  });

  it('goes on with its upstream when that one follows another primary', async () => {
    const { primary, upstream, last } = await cascade();
    await makeLedger(ground, primary, 2000);
    // The old primary stays as the third node: the role goes to the upstream and comes back.
    expect(await ground.hamnctl('switchover', '--to', upstream, '--yes', '--wait')).toMatchObject({
      code: 0,
    });
    expect(await receives(last, upstream, 60_000)).toBe(`${upstream} streaming`);
    await ground.cast(60_000);
    expect(await ground.hamnctl('switchover', '--to', primary, '--yes', '--wait')).toMatchObject({ code: 0 });
    expect(await receives(upstream, primary, 60_000)).toBe(`${primary} streaming`);
    expect(await receives(last, upstream, 60_000)).toBe(`${upstream} streaming`);
    await ground.cast(60_000);
    await theSame();
  });

  it('falls back to the primary while its upstream is off, and returns to it', async () => {
    const { primary, upstream, last } = await cascade();
    await makeLedger(ground, primary, 2000);
    const since = Date.now();
    const term = await ground.term(primary);
    await ground.lab.powerOff(upstream);
    expect(await receives(last, primary, 60_000)).toBe(`${primary} streaming`);
    expect(await ground.journal(last, since)).toContain(`after 10000 ms this standby follows ${primary}.`);
    await writesGoOn(client, 10_000);
    await ground.lab.powerOn(upstream);
    expect(await receives(last, upstream, 120_000)).toBe(`${upstream} streaming`);
    await ground.cast(120_000);
    await theSame();
    expect(await ground.term(primary)).toBe(term);
    expect(await ground.journal(last, since)).not.toMatch(/is cloned from|is rewound to/);
  });
});

describe('a clone that is read from a standby', () => {
  it('spares the primary, and has the same rows', async () => {
    const { primary, standbys } = await ground.cast();
    const [source = '', node = ''] = standbys;
    await makeLedger(ground, primary, 20_000);
    await ground.change(new RegExp(`( ${source}: \\{address: [0-9.]+)[^}]*\\}`), '$1, clonefrom: true}');
    await ground.cast();
    const since = Date.now();
    // The settings reach every node within seconds: the one that is cloned must know of the tag.
    await ground.until(
      /clonefrom/,
      20_000,
      async () => (await ground.hamnctlAt(node, 'config', 'show')).stdout,
    );
    expect(await ground.hamnctl('reinit', node, '--yes', '--wait')).toMatchObject({ code: 0 });
    await ground.cast(120_000);
    expect(await ground.journal(node, since)).toContain(`The files are read from ${source} (clonefrom)`);
    expect(
      await ground.sh(node, "grep -c 'BACKUP FROM: standby' /var/lib/postgresql/*/main/backup_label.old"),
    ).toMatchObject({ stdout: '1\n' });
    await theSame();
  });
});
