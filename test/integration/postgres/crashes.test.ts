import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';

/** A server that dies is started where it is, while that can help; when it cannot be started there, another node takes the role. */
const ground = useGround(threeData);
const client = useClient(ground);

const timeline = (node: string): Promise<string> =>
  ground.sql(node, 'select timeline_id from pg_control_checkpoint()');

describe('a crash of the primary’s server', () => {
  it('is mended in place: the same node, the same term, the same timeline', async () => {
    const { primary } = await ground.cast();
    const from = monotonicMs();
    const token = (await ground.cluster.status(primary))?.term?.token;
    const [before, started] = [
      await timeline(primary),
      await ground.sql(primary, 'select pg_postmaster_start_time()'),
    ];
    await ground.lab.kill(primary, 'postgres');
    await writesGoOn(client, 20_000);
    expect((await ground.cast()).primary).toBe(primary);
    expect(await ground.sql(primary, 'select pg_postmaster_start_time()')).not.toBe(started);
    expect(await timeline(primary)).toBe(before);
    expect((await ground.cluster.status(primary))?.term?.token).toBe(token);
    await nothingLost(ground, client, from);
  });

  it('after which it cannot start moves the role, and the node is a standby when that is put right', async () => {
    const { primary, standbys } = await ground.cast();
    const from = monotonicMs();
    const bad = `/etc/postgresql/${ground.lab.release.postgres}/main/conf.d/99-bad.conf`;
    await ground.lab.writeFile(primary, bad, "shared_buffers = 'no number'\n", 0o644);
    await ground.lab.kill(primary, 'postgres');
    await writesGoOn(client, 60_000);
    const now = await ground.until(new RegExp(standbys.join('|')), 10_000, async () =>
      String(await ground.cluster.primary(standbys[0])),
    );
    expect(standbys).toContain(now);
    await ground.sh(primary, `rm ${bad}`);
    expect((await ground.cast(120_000)).primary).toBe(now);
    await nothingLost(ground, client, from);
  });

  it('that comes again and again moves the role, and is told', async () => {
    const { primary, standbys } = await ground.cast();
    const from = monotonicMs();
    for (let crash = 1; crash <= 4; crash++) {
      // Once the role has moved there may be none for a moment.
      await ground.lab.kill(primary, 'postgres').catch(() => 0);
      await writesGoOn(client, 60_000);
    }
    const now = String(await ground.cluster.primary(standbys[0]));
    expect(standbys).toContain(now);
    expect((await ground.cast(120_000)).primary).toBe(now);
    await nothingLost(ground, client, from);
  });

  it('with much WAL to replay moves the role when that is faster, and not when the policy is to restart', async () => {
    const { primary } = await ground.cast();
    const from = monotonicMs();
    await ground.sql(primary, "alter system set max_wal_size = '4GB'; select pg_reload_conf()");
    await writeWal(primary);
    await ground.lab.kill(primary, 'postgres');
    await writesGoOn(client, 60_000);
    const now = (await ground.cast(120_000)).primary;
    expect(now).not.toBe(primary);
    await ground.change(/^( *)mode: (\w+)/m, '$1mode: $2\n$1onCrash: restart');
    await ground.sql(now, "alter system set max_wal_size = '4GB'; select pg_reload_conf()");
    await writeWal(now);
    const since = Date.now();
    await ground.lab.kill(now, 'postgres');
    // A fast disk may be done before anybody asks: then the journal tells it.
    const progress = /\d+ MB of \d+ MB of WAL are replayed/;
    const told = await ground.until(
      progress,
      60_000,
      async () => JSON.stringify(await ground.cluster.status(now)) + (await ground.journal(now, since)),
    );
    expect(told).toMatch(progress);
    await writesGoOn(client, 120_000);
    expect((await ground.cast(120_000)).primary).toBe(now);
    for (const node of [primary, now])
      await ground.sql(node, 'alter system reset max_wal_size; select pg_reload_conf()');
    await nothingLost(ground, client, from);
  });
});

describe('a PostgreSQL that is ill and lives', () => {
  it('with every connection in use stays primary: the same term, and it is told', async () => {
    const { primary } = await ground.cast();
    const before = await ground.term(primary);
    const hold =
      'for i in $(seq 150); do runuser -u postgres -- psql -qAtX -c "select pg_sleep(40)" </dev/null >/dev/null 2>&1 & done';
    await ground.sh(primary, hold);
    const used = /connections are in use|no connection left/;
    expect(await ground.until(used, 30_000, () => ground.problems(primary))).toMatch(used);
    expect(await ground.cluster.primary(primary)).toBe(primary);
    await ground.sh(primary, 'pkill -f pg_slee[p] || true');
    await writesGoOn(client, 60_000);
    // The sessions go when they notice that nobody is there.
    expect(await ground.until(/token/, 60_000, () => ground.term(primary))).toBe(before);
  });

  it('whose settings are lower than the primary’s is started again with what is needed, and follows', async () => {
    const { primary, standbys } = await ground.cast();
    const [to = ''] = standbys;
    const from = monotonicMs();
    await ground.sql(primary, 'alter system set max_connections = 180');
    const restarted = await ground.hamnctlAt(primary, 'pg', 'restart', primary, '--in-place', '--yes');
    expect(restarted, `${restarted.stdout}${restarted.stderr}`).toMatchObject({ code: 0 });
    for (const standby of standbys)
      expect(await ground.until(/^180$/, 60_000, () => ground.sql(standby, 'show max_connections'))).toBe(
        '180',
      );
    await ground.cast(90_000);
    const moved = await ground.hamnctl('switchover', '--to', to, '--yes', '--wait');
    expect(moved, `${moved.stdout}${moved.stderr}`).toMatchObject({ code: 0 });
    await ground.cast(90_000);
    await ground.sql(primary, 'alter system reset max_connections');
    await nothingLost(ground, client, from);
  });

  it('whose data are damaged is cloned again as a standby', async () => {
    const { primary, standbys } = await ground.cast();
    const [standby = ''] = standbys;
    const from = monotonicMs();
    const control = `/var/lib/postgresql/${ground.lab.release.postgres}/main/global/pg_control`;
    const since = Date.now();
    await ground.sh(standby, `dd if=/dev/urandom of=${control} bs=8 seek=5 count=4 conv=notrunc`);
    await ground.lab.kill(standby, 'postgres');
    const cloned = /is cloned from/;
    expect(await ground.until(cloned, 60_000, () => ground.journal(standby, since))).toMatch(cloned);
    expect((await ground.cast(180_000)).primary).toBe(primary);
    await nothingLost(ground, client, from);
  });
});

/** More than 256 MB since the last checkpoint: from there on a hand-over is faster than the replay. */
async function writeWal(node: string): Promise<void> {
  await ground.sql(node, 'checkpoint', 60_000);
  await ground.sql(
    node,
    `drop table if exists bulk;
    create table bulk as select i, repeat(md5(i::text), 30) as wide from generate_series(1, 400000) i`,
    180_000,
  );
}
