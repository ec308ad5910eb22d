import { afterEach, describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { LabFaults } from '../../lab/index.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';

/** Disks under PostgreSQL that are full or hang, on a file system of its own: etcd and hamnd have another one. */
const disk = '/var/lib/postgresql';
const ground = useGround(threeData, { volumes: [{ path: disk, mb: 2048 }] });
const faults = new LabFaults(ground.lab);
/** Hooks run in the reverse order: the disk is well again before the ground is restored. */
let sick: string | undefined;
afterEach(async () => {
  if (sick === undefined) return;
  await faults.unhang(sick, disk);
  await faults.empty(sick, disk);
  sick = undefined;
}, 60_000);
const client = useClient(ground);

describe('the disk of the primary’s database', () => {
  it('is full: the role goes to a node that has room, and the node comes back when there is some', async () => {
    const { primary, standbys } = await ground.cast();
    const from = monotonicMs();
    sick = primary;
    await faults.fill(primary, disk);
    // PostgreSQL stops with a PANIC when it needs the next WAL segment.
    await ground.sql(primary, 'select pg_switch_wal()').catch(() => '');
    await ground.lab.kill(primary, 'postgres').catch(() => 0);
    await writesGoOn(client, 90_000);
    const now = String(await ground.cluster.primary(standbys[0]));
    expect(standbys).toContain(now);
    const full = /is full: \d+ MB are free/;
    expect(await ground.until(full, 30_000, () => ground.problems(primary))).toMatch(full);
    await faults.empty(primary, disk);
    expect((await ground.cast(120_000)).primary).toBe(now);
    await nothingLost(ground, client, from);
  });

  it('hangs: the term is given up, another node takes over, and the node comes back when it answers', async () => {
    const { primary, standbys } = await ground.cast();
    const from = monotonicMs();
    sick = primary;
    await faults.hang(primary, disk);
    await writesGoOn(client, 120_000);
    const now = String(await ground.cluster.primary(standbys[0]));
    expect(standbys).toContain(now);
    await faults.unhang(primary, disk);
    await ground.cast(180_000);
    await nothingLost(ground, client, from);
  });

  it('of a standby is full: the primary serves on, and takes it back into the synchronous set when there is room', async () => {
    const { primary, standbys } = await ground.cast();
    const [standby = ''] = standbys;
    const from = monotonicMs();
    sick = standby;
    await faults.fill(standby, disk);
    await ground.lab.kill(standby, 'postgres');
    const idle = /It is not started: The storage .* is full/;
    const doing = async (): Promise<string> =>
      String((await ground.cluster.status(primary))?.nodes.find(({ name }) => name === standby)?.doing);
    expect(await ground.until(idle, 60_000, doing)).toMatch(idle);
    await writesGoOn(client, 30_000);
    await faults.empty(standby, disk);
    expect((await ground.cast(120_000)).primary).toBe(primary);
    await nothingLost(ground, client, from);
  });
});
