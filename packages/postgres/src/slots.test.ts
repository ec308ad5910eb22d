import { type Lsn, lsn, type SlotChange, type SlotView, slotName } from '@hamn/core';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must, until, up, view } from './testing/expecting.ts';
import { initialise, makeCluster, type TestCluster, type TestNode } from './testing/test-node.ts';

let cluster: TestCluster;
let one: TestNode;
let two: TestNode;
let three: TestNode;

const nameOf = (node: TestNode): string => slotName(node.options.node);
const change = (node: TestNode, ...changes: readonly SlotChange[]): Promise<unknown> =>
  node.postgres.changeSlots(changes, 5000).then(must);
const slotAt = async (server: TestNode, of: TestNode): Promise<SlotView> => {
  const slot = (await up(server.postgres)).slots.find(({ name }) => name === nameOf(of));
  if (slot === undefined) throw new Error(`${server.name} has no slot for ${of.name}.`);
  return slot;
};

/** Nothing but slots keeps WAL, and what is not needed is removed at once. */
async function keepNoWal(node: TestNode): Promise<void> {
  for (const setting of ["wal_keep_size = '0'", "min_wal_size = '32MB'", "max_wal_size = '48MB'"])
    await node.sql(`ALTER SYSTEM SET ${setting}`);
  await node.sql('SELECT pg_reload_conf()');
}

/** Six segments of WAL, and a checkpoint after them. */
async function writeWal(node: TestNode): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    await node.sql('INSERT INTO item SELECT 1');
    await node.sql('SELECT pg_switch_wal()');
  }
  must(await node.postgres.checkpoint(20_000));
}

const caughtUp = (standby: TestNode, primary: TestNode): Promise<true> =>
  until(`${standby.name} caught up`, 20_000, async () => {
    const [behind, ahead] = [await up(standby.postgres), await up(primary.postgres)];
    return behind.streaming && (behind.replayedLsn ?? 0n) >= ahead.flushedLsn;
  });

const hasFile = async (node: TestNode, file: string): Promise<boolean> =>
  (await node.sql('SELECT name FROM pg_ls_waldir()')).some(({ name }) => name === file);

beforeAll(async () => {
  cluster = makeCluster();
  one = await cluster.node('mn1');
  two = await cluster.node('mn2');
  three = await cluster.node('mn3');
  initialise(one);
  must(await one.postgres.startStandby(undefined, 20_000));
  must(await one.postgres.promote(20_000, always));
  await one.sql('CREATE TABLE item(id int)');
  await keepNoWal(one);
  for (const node of [two, three]) {
    must(await node.postgres.clone(one.upstream, 60_000));
    must(await node.postgres.startStandby(one.upstream, 20_000));
    await caughtUp(node, one);
  }
}, 180_000);
afterAll(() => cluster.close());

describe('replication slots', () => {
  test('a standby makes slots, which keep WAL from its last restartpoint on', async () => {
    await change(two, { do: 'make', slot: nameOf(one) }, { do: 'make', slot: nameOf(three) });
    // Done already: no failure.
    await change(two, { do: 'make', slot: nameOf(three) });
    const { slots, redoLsn } = await up(two.postgres);
    expect(slots.map(({ name, active, restartLsn, lost }) => [name, active, restartLsn, lost])).toEqual([
      [nameOf(one), false, redoLsn, false],
      [nameOf(three), false, redoLsn, false],
    ]);
  }, 60_000);

  test('a slot is moved on forwards only, and never beyond what the standby has replayed', async () => {
    await one.sql('INSERT INTO item SELECT generate_series(1, 100)');
    await caughtUp(two, one);
    const before = (await slotAt(two, one)).restartLsn ?? lsn(0n);
    const to = lsn(before + 8n) as Lsn;
    await change(two, { do: 'advance', slot: nameOf(one), to });
    expect((await slotAt(two, one)).restartLsn).toBe(to);
    await change(two, { do: 'advance', slot: nameOf(one), to: before });
    expect((await slotAt(two, one)).restartLsn).toBe(to);
    const far = lsn((await up(one.postgres)).flushedLsn + 1_000_000_000n);
    await change(two, { do: 'advance', slot: nameOf(one), to: far });
    const { slots, replayedLsn } = await up(two.postgres);
    const at = slots.find(({ name }) => name === nameOf(one))?.restartLsn ?? far;
    expect(at).toBeGreaterThan(to);
    expect(at).toBeLessThanOrEqual(replayedLsn ?? 0n);
  }, 60_000);

  test('after a failover the third node, which was away, finds its WAL and follows without a clone', async () => {
    must(await three.postgres.stop('fast', 20_000));
    const kept = (await slotAt(two, three)).restartLsn ?? lsn(0n);
    await writeWal(one);
    await caughtUp(two, one);
    must(await two.postgres.checkpoint(20_000));
    expect((await slotAt(two, three)).restartLsn).toBe(kept);
    must(await one.postgres.stop('fast', 20_000));
    must(await two.postgres.promote(20_000, always));
    must(await two.postgres.checkpoint(20_000));
    expect(await slotAt(two, three)).toMatchObject({ lost: false, restartLsn: kept });
    must(await three.postgres.startStandby(two.upstream, 20_000));
    await caughtUp(three, two);
    expect(await up(three.postgres)).toMatchObject({ timeline: 3, streaming: true });
    expect((await slotAt(two, three)).active).toBe(true);
    // The old primary, too.
    must(await one.postgres.startStandby(two.upstream, 20_000));
    await caughtUp(one, two);
  }, 120_000);

  test('an unused slot really keeps WAL, and a dropped or renewed one really lets it go', async () => {
    must(await three.postgres.stop('fast', 20_000));
    await until('the slot is unused', 10_000, async () => !(await slotAt(two, three)).active);
    const kept = (await slotAt(two, three)).restartLsn ?? lsn(0n);
    const [row] = await two.sql(`SELECT pg_walfile_name('0/0'::pg_lsn + ${kept}::numeric) AS file`);
    const file = String(row?.['file']);
    await writeWal(two);
    expect(await hasFile(two, file)).toBe(true);
    await change(two, { do: 'renew', slot: nameOf(three) });
    expect((await slotAt(two, three)).restartLsn).toBeGreaterThan(kept);
    await caughtUp(one, two);
    await writeWal(two);
    await until('the WAL is gone', 20_000, async () => {
      must(await two.postgres.checkpoint(20_000));
      return !(await hasFile(two, file));
    });
    await change(two, { do: 'drop', slot: nameOf(three), inUse: false });
    expect((await up(two.postgres)).slots.map(({ name }) => name)).toEqual([nameOf(one)]);
  }, 120_000);

  test('a slot in use is dropped only where its node has left; foreign slots never are', async () => {
    await two.sql("SELECT pg_create_physical_replication_slot('backup', true)");
    await change(two, { do: 'drop', slot: nameOf(one), inUse: false });
    expect((await slotAt(two, one)).active).toBe(true);
    const foreign = await two.postgres.changeSlots([{ do: 'drop', slot: 'backup', inUse: true }], 5000);
    expect(foreign).toMatchObject({ ok: false, error: { code: 'sql' } });
    await change(two, { do: 'drop', slot: nameOf(one), inUse: true });
    expect(await two.sql('SELECT slot_name FROM pg_replication_slots')).toEqual([{ slot_name: 'backup' }]);
  }, 60_000);

  test('the statistics tell what SQL tells, and are asked beside the observation', async () => {
    // PostgreSQL's processes report the WAL that they wrote some time later.
    const statistics = await until('statistics with WAL', 40_000, async () => {
      await two.sql('SELECT txid_current()');
      const { statistics: found } = await view(two.postgres);
      return (found?.walGeneratedBytes ?? 0) > 0 ? found : undefined;
    });
    const [row] = await two.sql(
      "SELECT current_setting('max_connections')::int AS limit, current_setting('superuser_reserved_connections')::int AS reserved",
    );
    expect(statistics.connections).toMatchObject({ limit: row?.['limit'], reserved: row?.['reserved'] });
    expect(statistics.connections?.used).toBeGreaterThan(0);
    expect(statistics.walDisk?.freeBytes).toBeGreaterThan(0);
    expect(statistics.walBytes).toBeGreaterThan(0);
    expect(statistics.walGeneratedBytes).toBeGreaterThan(0);
    expect(statistics.databaseBytes).toBeGreaterThan(1_000_000);
    expect(statistics.checkpoint?.ageSeconds).toBeGreaterThanOrEqual(0);
    expect(statistics.slotKeepBytes).toBeGreaterThan(0);
    const standby = await until('statistics', 10_000, async () => (await view(one.postgres)).statistics);
    expect(standby.checkpoint?.walBytes).toBeGreaterThanOrEqual(0);
  }, 90_000);
});
