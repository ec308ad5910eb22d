import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { twoData, useGround } from './ground.ts';

/** PostgreSQL's own settings for every node at once, what is found on a node, and replication over TLS. */
const ground = useGround(twoData);
const client = useClient(ground);
const { postgres: major } = ground.lab.release;

const setting = (node: string, name: string): Promise<string> =>
  ground.sql(node, `select current_setting('${name}')`);

describe('hamnctl pg config', () => {
  it('changes a setting on every node at once, and nothing restarts', async () => {
    const { primary, standby } = await ground.cast();
    const before = await ground.term(primary);
    expect(await ground.hamnctl('pg', 'config', 'set', 'work_mem=12MB', '--yes')).toMatchObject({ code: 0 });
    for (const node of [primary, standby])
      expect(await ground.until(/^12MB$/, 30_000, () => setting(node, 'work_mem'))).toBe('12MB');
    expect((await ground.hamnctl('pg', 'config', 'show')).stdout).toMatch(/work_mem.*12MB/);
    expect(await ground.hamnctl('pg', 'config', 'restart-pending')).toMatchObject({ code: 0 });
    expect(await ground.term(primary)).toBe(before);
  });

  it('says which settings wait for a restart, and a rolling restart brings them in force without a loss', async () => {
    const { primary, standby } = await ground.cast();
    const from = monotonicMs();
    expect(await ground.hamnctl('pg', 'config', 'set', 'max_connections=170', '--yes')).toMatchObject({
      code: 0,
    });
    const waiting = await ground.until(/mn1.*max_connections.*mn2.*max_connections/s, 30_000, async () => {
      const said = await ground.hamnctl('pg', 'config', 'restart-pending');
      return `${said.code} ${said.stdout}`;
    });
    expect(waiting).toMatch(/^6 /);
    const done = await ground.lab.exec(primary, ['hamnctl', 'pg', 'restart', '--pending-only', '--yes'], {
      timeoutMs: 240_000,
    });
    expect(done).toMatchObject({ code: 0 });
    await writesGoOn(client, 30_000);
    await nothingLost(ground, client, from);
    for (const node of [primary, standby]) expect(await setting(node, 'max_connections')).toBe('170');
    expect(await ground.hamnctl('pg', 'config', 'restart-pending')).toMatchObject({ code: 0 });
  });

  it('refuses what hamn needs for its promises, and a value that cannot be', async () => {
    const fsync = await ground.hamnctl('pg', 'config', 'set', 'fsync=off', '--yes');
    expect(fsync.code).not.toBe(0);
    expect(fsync.stderr).toContain('fsync');
    expect((await ground.hamnctl('pg', 'config', 'show')).stdout).not.toContain('fsync');
  });
});

describe('hamnctl pg discover', () => {
  it('finds the database, the unit and the files of this node', async () => {
    const { primary } = await ground.cast();
    const found = await ground.hamnctlAt(primary, 'pg', 'discover');
    expect(found.code).toBe(0);
    expect(found.stdout).toContain(`/var/lib/postgresql/${major}/main`);
    expect(found.stdout).toContain(`postgresql@${major}-main.service`);
  });
});

describe('replication over TLS', () => {
  it('is taken up while all runs, and a switchover and a clone go over it', async () => {
    const { primary, standby } = await ground.cast();
    const from = monotonicMs();
    const directory = '/var/lib/postgresql/tls';
    for (const node of [primary, standby]) {
      await ground.sh(
        node,
        `install -d -o postgres -g postgres -m 0700 ${directory} && install -o postgres -g postgres -m 0600 ` +
          `/etc/hamn/tls/ca.crt /etc/hamn/tls/node.crt /etc/hamn/tls/node.key ${directory}/`,
      );
      const file = `/etc/postgresql/${major}/main/conf.d/tls.conf`;
      const text = `ssl = on\nssl_cert_file = '${directory}/node.crt'\nssl_key_file = '${directory}/node.key'\nssl_ca_file = '${directory}/ca.crt'\n`;
      await ground.lab.writeFile(node, file, text, 0o644);
      await ground.sql(node, 'select pg_reload_conf()');
      expect(await ground.until(/^on$/, 10_000, () => setting(node, 'ssl'))).toBe('on');
    }
    await ground.change(
      /( +)postgres:\n/,
      '$1postgres:\n$1  tls: {mode: verify-full, rootCert: /etc/hamn/tls/ca.crt, cert: /etc/hamn/tls/node.crt, key: /etc/hamn/tls/node.key}\n',
    );
    const streams = (node: string): Promise<string> =>
      ground.sql(
        node,
        `select string_agg(coalesce(ssl::text, '?'), ',') from pg_stat_replication left join pg_stat_ssl using (pid)`,
      );
    const conninfo = (): Promise<string> => ground.sql(standby, 'select conninfo from pg_stat_wal_receiver');
    expect(await ground.until(/verify-full/, 60_000, conninfo)).toContain('sslmode=verify-full');
    expect(await ground.until(/^true$/, 60_000, () => streams(primary))).toBe('true');
    expect(await ground.until(/^mn1,mn2$/, 60_000, () => ground.recordedSet())).toBe('mn1,mn2');
    await writesGoOn(client, 30_000);
    const ready = await ground.until(/possible/, 60_000, async () => {
      const dry = await ground.hamnctlAt(primary, 'switchover', '--to', standby, '--dry-run');
      return dry.code === 0 ? 'possible' : dry.stdout;
    });
    expect(ready).toBe('possible');
    const moved = await ground.hamnctlAt(primary, 'switchover', '--to', standby, '--yes', '--wait');
    expect(`${moved.code} ${moved.stderr}`).toMatch(/^0 /);
    await ground.cast(60_000);
    expect(await ground.until(/^true$/, 60_000, () => streams(standby))).toBe('true');
    const since = Date.now();
    const cloned = await ground.hamnctl('reinit', primary, '--yes', '--wait');
    expect(`${cloned.code} ${cloned.stderr}`).toMatch(/^0 /);
    await ground.cast(120_000);
    expect(await ground.journal(primary, since)).toMatch(/postgres\.clone\.done/);
    expect(await ground.until(/^true$/, 60_000, () => streams(standby))).toBe('true');
    await nothingLost(ground, client, from);
  });
});
