import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { debianUnit } from '../../cluster/index.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';

/** What an admin does with PostgreSQL by hand: a rolling restart, maintenance. */
const ground = useGround(threeData);
const client = useClient(ground);
const unit = debianUnit(ground.lab.release.postgres);
const termMs = 3000;

const startOf = (node: string): Promise<string> => ground.sql(node, 'select pg_postmaster_start_time()');
const isActive = async (node: string): Promise<string> =>
  (await ground.sh(node, `systemctl is-active ${unit}`)).stdout.trim();

describe('hamnctl pg restart --all', () => {
  it('restarts every server, standbys first and one after the other, and loses nothing', async () => {
    const { primary, standbys } = await ground.cast();
    const from = monotonicMs();
    const before = new Map<string, string>();
    for (const node of [primary, ...standbys]) before.set(node, await startOf(node));
    const done = await ground.lab.exec(primary, ['hamnctl', 'pg', 'restart', '--all', '--yes'], {
      timeoutMs: 240_000,
    });
    expect(done).toMatchObject({ code: 0 });
    await ground.cast(60_000);
    for (const [node, started] of before) expect(await startOf(node)).not.toBe(started);
    await nothingLost(ground, client, from);
  });
});

describe('hamnctl pg maintenance', () => {
  it('leaves a standby that the admin stopped alone, and brings it back when it ends', async () => {
    const { primary, standbys } = await ground.cast();
    const [standby = ''] = standbys;
    const from = monotonicMs();
    const before = await ground.term(primary);
    expect(await ground.hamnctl('pg', 'maintenance', 'on', standby, '--reason', 'disk')).toMatchObject({
      code: 0,
    });
    expect((await ground.sh(standby, `systemctl stop ${unit}`, 60_000)).code).toBe(0);
    await writesGoOn(client, 15_000);
    await sleep(3 * termMs);
    expect(await isActive(standby)).not.toBe('active');
    expect(await ground.hamnctl('pg', 'maintenance', 'off', standby)).toMatchObject({ code: 0 });
    expect(await ground.until(/^active$/, 60_000, () => isActive(standby))).toBe('active');
    await nothingLost(ground, client, from);
    expect(await ground.term(primary)).toBe(before);
  });

  it('of the primary keeps the role where it is while its server is stopped', async () => {
    const { primary } = await ground.cast();
    const from = monotonicMs();
    const token = (await ground.cluster.status(primary))?.term?.token;
    expect(await ground.hamnctlAt(primary, 'pg', 'maintenance', 'on', primary)).toMatchObject({ code: 0 });
    expect((await ground.sh(primary, `systemctl stop ${unit}`, 60_000)).code).toBe(0);
    await sleep(3 * termMs);
    expect(await isActive(primary)).not.toBe('active');
    expect((await ground.cluster.status(primary))?.term?.token).toBe(token);
    expect(await ground.hamnctlAt(primary, 'pg', 'maintenance', 'off', primary)).toMatchObject({ code: 0 });
    await writesGoOn(client, 60_000);
    await nothingLost(ground, client, from);
    expect((await ground.cluster.status(primary))?.term?.token).toBe(token);
  });
});

describe('a synchronous standby that hangs', () => {
  it('is taken out of the set within seconds so that writes go on, and comes back into it', async () => {
    const { standbys } = await ground.cast();
    const [standby = ''] = standbys;
    const from = monotonicMs();
    await ground.sh(standby, 'pkill -STOP -u postgres');
    await writesGoOn(client, 20_000);
    await ground.sh(standby, 'pkill -CONT -u postgres');
    await nothingLost(ground, client, from);
    expect(await ground.until(/^mn1,mn2,mn3$/, 60_000, () => ground.recordedSet())).toBe('mn1,mn2,mn3');
  });
});
