import { randomUUID } from 'node:crypto';
import { groupPrefix } from '@hamn/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { etcdctl as etcdctlOf } from '../cluster/etcdctl.ts';
import { waitFor } from '../cluster/index.ts';
import { clusterName } from '../cluster/options.ts';
import { CLIENT } from '../lab/index.ts';
import { run } from '../lab/run.ts';
import {
  bringUp,
  cluster,
  hamnctl,
  lab,
  problems,
  type Roles,
  roles,
  sh,
  sql,
  until,
} from './whole-cluster.ts';

/**
 * What an admin, a disk or a neighbour may do to a healthy cluster. Each time: an error that names the place and the remedy, nothing lost,
 * and hamn recovers by itself when the cause goes.
 */
const written: string[] = [];
let now: Roles;

beforeAll(async () => {
  await bringUp();
  const { primary } = await roles();
  await sql(primary, 'drop table if exists kept; create table kept (id text primary key)');
});
afterAll(() => lab.down());

/** One acknowledged row before each. */
beforeEach(async () => {
  now = await roles();
  const id = randomUUID();
  await sql(now.primary, `insert into kept values ('${id}')`);
  written.push(id);
});

/** By itself: nothing here helps it. And every acknowledged row is on both nodes. */
afterEach(async () => {
  const { primary, standby } = await roles();
  for (const node of [primary, standby]) {
    // Status may still show what the node wrote of itself before its hamnd was restarted.
    const read = (): Promise<string | undefined> => sql(node, 'select id from kept').catch(() => undefined);
    const ids = new Set((await waitFor(60_000, 250, read))?.split('\n'));
    expect(written.filter((id) => !ids.has(id))).toEqual([]);
  }
}, 150_000);

const settings = async (): Promise<string> => (await hamnctl('mn1', 'config', 'show')).stdout;

async function apply(text: string): Promise<void> {
  await lab.writeFile(now.primary, '/tmp/settings.yaml', text);
  expect(await hamnctl(now.primary, 'config', 'apply', '/tmp/settings.yaml', '--yes')).toMatchObject({
    code: 0,
  });
}

describe('settings', () => {
  const wrong: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    [
      'with an unknown key',
      (text) => text.replace('    vips:', '    vipz: []\n    vips:'),
      /bad\.yaml:\d+:5 groups\.mn\.vipz: There is no setting 'vipz' here\. Did you mean 'vips'\?/,
    ],
    [
      'with a VIP outside its subnet',
      (text) => text.replace('10.99.0.10/24', '10.98.0.10/24'),
      /bad\.yaml:\d+:\d+ groups\.mn\.vips\[0\]\.address: The VIP's network 10\.98\.0\.0\/24 does not contain mn1/,
    ],
    [
      'with timings whose sum does not fit',
      (text) => text.replace('nodes:', 'timings: {termMs: 1000, requestMs: 400}\nnodes:'),
      /bad\.yaml:\d+:1 timings: .*2 x requestMs 400 .* must be below termMs 1000\. Raise termMs/,
    ],
  ];

  it.each(wrong)(
    '%s are refused with the place and the remedy, and change nothing',
    async (_name, edit, said) => {
      const before = await settings();
      await lab.writeFile('mn1', '/tmp/bad.yaml', edit(before));
      for (const how of [['validate'], ['apply', '--yes']]) {
        const result = await hamnctl('mn1', 'config', ...how, '/tmp/bad.yaml');
        expect(result.code).toBe(2);
        expect(result.stderr).toMatch(said);
      }
      expect(await settings()).toBe(before);
    },
  );

  it('that name an interface which does not exist are told with those that do, until it is put right', async () => {
    const before = await settings();
    await apply(before.replace('interface: eth0', 'interface: eth9'));
    const pattern =
      /belongs on interface eth9, which this node does not have\. It has: lo, eth0\. Correct 'interface'/;
    expect(await until(pattern, 15_000, () => problems(now.primary))).toMatch(pattern);
    expect(await sql(now.primary, 'select pg_is_in_recovery()')).toBe('f');
    const events = (await hamnctl(now.primary, 'events')).stdout.match(/vip\.probe\.failed/g) ?? [];
    expect(events.length).toBeLessThan(5);
    await apply(before);
    const back = await until(
      / on mn/,
      15_000,
      async () => (await sh(now.primary, 'hamnctl status | grep 10.99.0.10')).stdout,
    );
    expect(back).toContain(`on ${now.primary}`);
  });
});

describe('a VIP that another host uses', () => {
  const client = (verb: 'add' | 'del'): Promise<unknown> =>
    run(['ip', '-n', lab.layout.clientNetns, 'address', verb, '10.99.0.10/24', 'dev', 'eth0']);
  afterEach(() => client('del'));

  it('is left alone and named by its MAC; the database moves all the same, and the VIP follows', async () => {
    await client('add');
    const moved = await hamnctl(now.primary, 'switchover', '--to', now.standby, '--yes', '--wait');
    expect(moved.code).toBe(0);
    const pattern = new RegExp(
      `Another host \\(${CLIENT.mac}\\) answers for the VIP 10\\.99\\.0\\.10; .* Find that host`,
    );
    expect(await until(pattern, 15_000, () => problems(now.standby))).toMatch(pattern);
    expect(await sql(now.standby, 'select pg_is_in_recovery()')).toBe('f');
    expect((await sh(now.standby, 'ip -br address')).stdout).not.toContain('10.99.0.10/');
    await client('del');
    const holds = await until(
      /10\.99\.0\.10\//,
      10_000,
      async () => (await sh(now.standby, 'ip -br address')).stdout,
    );
    expect(holds).toContain('10.99.0.10/');
  });
});

describe('etcd that is away', () => {
  const nodes = ['mn1', 'mn2', 'wit1'] as const;
  const etcd = (verb: string): Promise<unknown> =>
    Promise.all(nodes.map((node) => lab.exec(node, ['systemctl', verb, 'etcd'], { timeoutMs: 60_000 })));
  afterEach(async () => {
    await etcd('start');
    await sh(now.standby, 'systemctl start hamnd');
  });

  it('at the start of hamnd is told as such, asks for nothing, and is waited for', async () => {
    await etcd('stop');
    await sh(now.standby, 'systemctl restart hamnd');
    const pattern = /etcd has not answered this node yet/;
    const said = await until(pattern, 15_000, () => problems(now.standby));
    expect(said).toMatch(pattern);
    expect(said).toContain('etcd has not committed anything of this node since hamnd started');
    expect(said).not.toContain('hamnctl init');
    const asked = await hamnctl(now.standby, 'switchover', '--yes');
    expect(asked.code).toBe(3);
    expect(asked.stderr).toContain(`etcd does not answer ${now.standby}, so nothing can be asked for`);
    // A node that is not concerned tells it, too, and not that all is well.
    const away = /etcd has not committed anything of this node/;
    expect(await until(away, 20_000, () => problems('wit1'))).toMatch(away);
  });

  it('together with hamnd leaves hamnctl with exit 3 and both names', async () => {
    await etcd('stop');
    await sh(now.standby, 'systemctl stop hamnd');
    for (const command of [['status'], ['explain'], ['switchover', '--yes'], ['pause']]) {
      const result = await hamnctl(now.standby, ...command);
      expect(result.code).toBe(3);
      expect(result.stderr).toMatch(/hamnd does not run here.*etcd does not answer either/s);
    }
  });
});

describe('the standby’s disk', () => {
  const data = '/var/lib/postgresql/15';
  const stop = 'systemctl stop hamnd; systemctl stop postgresql@15-main; ';

  it('with a database of another system identifier is refused and left as it is, until reinit', async () => {
    const other =
      `mv ${data}/main /root/own && install -d -o postgres -g postgres -m 700 ${data}/main && ` +
      `runuser -u postgres -- /usr/lib/postgresql/15/bin/initdb --no-sync -k -D ${data}/main`;
    expect(await sh(now.standby, `${stop}${other} && systemctl start hamnd`, 60_000)).toMatchObject({
      code: 0,
    });
    const print = async (): Promise<string> =>
      (await sh(now.standby, `md5sum ${data}/main/global/pg_control`)).stdout;
    const before = await print();
    const pattern = new RegExp(
      `${now.standby}: This node’s database has system identifier \\d+, the group’s has \\d+: .* use hamnctl reinit ${now.standby}`,
    );
    expect(await until(pattern, 20_000, () => problems(now.primary))).toMatch(pattern);
    const cannot = await hamnctl(now.primary, 'switchover', '--to', now.standby, '--yes');
    expect(cannot.code).toBe(4);
    expect(cannot.stdout).toContain(`${now.standby} cannot take over now.`);
    expect(await print()).toBe(before);
    const mended = await hamnctl(now.standby, 'reinit', now.standby, '--yes', '--wait');
    expect(mended).toMatchObject({ code: 0 });
    await sh(now.standby, 'rm -rf /root/own');
  });

  it('that is full is told with its figures; the standby is back when there is room', async () => {
    const small =
      `mkdir -p /mnt/small && mount -t tmpfs -o size=700m tmpfs /mnt/small && cp -a ${data}/main /mnt/small/ && ` +
      `mount --move /mnt/small ${data}`;
    expect(await sh(now.standby, `${stop}${small} && systemctl start hamnd`, 60_000)).toMatchObject({
      code: 0,
    });
    await roles();
    const { standby } = now;
    onTestFinished(() => sh(standby, `rm -f ${data}/filler`).then(() => undefined));
    await sh(standby, `dd if=/dev/zero of=${data}/filler bs=1M`);
    const grow = "insert into kept select 'big ' || i || repeat('x', 2000) from generate_series(1, 12000) i";
    await sql(now.primary, grow);
    await sql(now.primary, 'select pg_switch_wal()');
    const pattern = new RegExp(
      `${now.standby}: The storage of data and WAL \\(${data}.*\\) is full: \\d+ MB are free, \\d+ MB are needed. Free some space`,
    );
    expect(await until(pattern, 30_000, () => problems(now.primary))).toMatch(pattern);
    await sql(now.primary, "delete from kept where id like 'big %'");
    await sh(now.standby, `rm ${data}/filler`);
    expect((await roles()).standby).toBe(now.standby);
    // Back to the disk that it had; what is there now is old, and caught up by itself.
    expect(await sh(now.standby, `${stop}umount ${data} && systemctl start hamnd`, 60_000)).toMatchObject({
      code: 0,
    });
  });
});

describe('a half-written key', () => {
  const etcdctl = (...args: readonly string[]): Promise<string> => etcdctlOf(lab, 'wit1', ...args);
  const path = (key: string): string => `${groupPrefix(clusterName, 'mn')}${key}`;
  const half = '{"half';
  const write = (key: string): Promise<string> => etcdctl('put', path(key), half);

  it.each(['state', 'heartbeat', 'members/mn1', 'members/mn2', 'lease'])(
    '%s is written anew by whom it belongs to, and nobody loses the role',
    async (key) => {
      const token = (await cluster.status('wit1'))?.term?.token;
      await write(key);
      const value = (): Promise<string> => etcdctl('get', '--print-value-only', path(key));
      expect(await until(/^\{"(?!half)/, 15_000, value)).not.toContain(half);
      const told = await until(/^((?!does not hold JSON).)*$/s, 5000, () => problems('wit1'));
      expect(told).not.toContain('does not hold JSON');
      expect((await cluster.status('wit1'))?.term?.token).toBe(token);
    },
  );

  it('request is named, and replaced by the next one', async () => {
    await write('request');
    const pattern = /The key request does not hold JSON.*the next command replaces it/s;
    expect(await until(pattern, 10_000, () => problems('wit1'))).toMatch(pattern);
    const moved = await hamnctl(now.primary, 'switchover', '--to', now.standby, '--yes', '--wait');
    expect(moved).toMatchObject({ code: 0 });
    expect(await problems('wit1')).not.toContain('does not hold JSON');
  });

  it('pause is named and counts as one, until resume', async () => {
    await write('pause');
    const pattern = /The key pause does not hold JSON.*hamnctl resume/s;
    expect(await until(pattern, 10_000, () => problems('wit1'))).toMatch(pattern);
    expect(await hamnctl('mn1', 'resume')).toMatchObject({ code: 0 });
    expect(await hamnctl('mn1', 'resume')).toMatchObject({ code: 4 });
  });

  it('config is named with its place; the last good settings stay in force', async () => {
    const before = await settings();
    await write('config');
    const pattern = /mn1: The configuration in etcd is not used: .*config of lab:\d+:\d+/s;
    expect(await until(pattern, 10_000, () => problems('wit1'))).toMatch(pattern);
    await apply(before);
  });
});

describe('a switchover', () => {
  it('that two admins ask for at once is done once, and the other one is told', async () => {
    const ask = (node: string) => hamnctl(node, 'switchover', '--to', now.standby, '--yes', '--wait');
    const results = await Promise.all([ask(now.primary), ask(now.standby)]);
    expect(results.map(({ code }) => code).sort()).toEqual([0, 4]);
    const refused = results.find(({ code }) => code === 4);
    expect(`${refused?.stdout}${refused?.stderr}`).toMatch(/is not finished yet|is primary already/);
    expect((await roles()).primary).toBe(now.standby);
  });

  it.each([
    ['wit1', /wit1 cannot take over now\..*witness/],
    ['mn9', /There is no node mn9\. The nodes are mn1, mn2, wit1\./],
  ])('to %s, which cannot lead, is refused with the reason', async (to, reason) => {
    const asked = await hamnctl(now.primary, 'switchover', '--to', to, '--yes');
    expect(asked.code).toBe(4);
    expect(asked.stdout).toMatch(reason);
    expect((await roles()).primary).toBe(now.primary);
  });
});
