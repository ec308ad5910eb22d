import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundle } from '../../deploy/build/bundle.ts';
import { targets } from '../../deploy/build/targets.ts';
import { installXcatdDouble, makeXcatCredentials } from '../doubles/xcatd/index.ts';
import { Lab } from '../lab/index.ts';
import { installNode } from './node-program.ts';

/** The double must have the original's habits, good and bad: a manager is tested against them. */
const lab = new Lab({ name: 'hamnlab-xcatd' });
const vip = '10.99.0.10';
const password = 'secret';

const sh = (command: string, timeoutMs = 20_000): ReturnType<Lab['exec']> =>
  lab.exec('mn1', ['sh', '-c', command], { timeoutMs });
const must = async (command: string, timeoutMs = 20_000): Promise<string> =>
  (await lab.mustExec('mn1', ['sh', '-c', command], { timeoutMs })).trim();
const sql = (text: string): Promise<string> =>
  must(`cd /; runuser -u postgres -- psql -qAt -d xcatdb -c "${text}"`);
const xcat = (command: string, limitMs = 3000): ReturnType<Lab['exec']> =>
  sh(`XCAT_LIMIT_MS=${limitMs} /opt/xcat/bin/${command}`);
const processes = async (): Promise<string[]> =>
  (await must("ps -eo args | grep '^xcatd' || true")).split('\n').filter(Boolean).sort();
const mainPid = (): Promise<string> => must('cat /run/xcatd.pid');

async function timed<T>(act: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  return { value: await act(), ms: performance.now() - start };
}

const writable = (isWritable: boolean): Promise<string> =>
  sql(`alter role xcatadm set default_transaction_read_only = ${isWritable ? 'off' : 'on'}`);

beforeAll(async () => {
  for (const target of targets) if (target.name === 'xcatd-double') await bundle(target);
  await lab.up(['mn1'], { fresh: true });
  await installNode(lab, 'mn1');
  await must(`ip address add ${vip}/24 dev eth0`);
  await must('echo "listen_addresses = \'*\'" > /etc/postgresql/15/main/conf.d/test.conf');
  await must("echo 'host all all 10.99.0.0/24 scram-sha-256' >> /etc/postgresql/15/main/pg_hba.conf");
  await must('systemctl start postgresql@15-main');
  await must(
    `cd /; runuser -u postgres -- psql -qc "create role xcatadm login password '${password}'" -c 'create database xcatdb owner xcatadm'`,
  );
  await installXcatdDouble(lab, 'mn1', makeXcatCredentials(), { vip, password, node: '/opt/test/node' });
});
afterAll(() => lab.down({ wipe: true }));

beforeEach(async () => {
  await must('systemctl start postgresql@15-main');
  await writable(true);
  await must('systemctl stop xcatd; systemctl reset-failed xcatd 2>/dev/null; systemctl start xcatd');
});

describe('the xcatd double', () => {
  it('starts in 1.8 to 3 seconds, runs as six processes and stops in 0.8 seconds', async () => {
    const stop = await timed(() => must('systemctl stop xcatd'));
    expect(stop.ms).toBeGreaterThan(700);
    expect(stop.ms).toBeLessThan(1500);
    expect(await processes()).toEqual([]);
    const start = await timed(() => must('systemctl start xcatd'));
    expect(start.ms).toBeGreaterThan(1700);
    expect(start.ms).toBeLessThan(4000);
    expect(await processes()).toHaveLength(6);
    expect(await must('systemctl is-active xcatd')).toBe('active');
  });

  it('answers lsxcatd with its version and its node, and keeps nodes in the database', async () => {
    expect((await xcat('lsxcatd -v')).stdout).toContain('Version 2.17.0 (double)');
    expect((await xcat('mkdef -t node -o cn1 groups=compute')).stdout).toContain('1 object definitions');
    expect(await sql('select node, groups from nodelist')).toBe('cn1|compute');
    expect((await xcat('lsdef cn1')).stdout).toContain('groups=compute');
  });

  it('keeps the table site in the database', async () => {
    expect((await xcat('gettab key=master site.value')).stdout.trim()).toBe('');
    expect((await xcat('chdef -t site master=10.99.0.10')).code).toBe(0);
    expect((await xcat('gettab key=master site.value')).stdout.trim()).toBe('10.99.0.10');
    expect(await sql("select value from site where key = 'master'")).toBe('10.99.0.10');
  });

  it('says success on a read-only database, and writes nothing', async () => {
    await writable(false);
    await must('systemctl restart xcatd');
    const said = await xcat('mkdef -t node -o cn2');
    expect(said.code).toBe(0);
    expect(said.stdout).toContain('1 object definitions');
    expect(await sql("select count(*) from nodelist where node = 'cn2'")).toBe('0');
  });

  it('serves at once, without a restart, when the replica under it is promoted', async () => {
    const pids = "pgrep -f '^xcatd' | sort";
    const inRecovery = 'select pg_is_in_recovery()';
    await must('systemctl stop xcatd postgresql@15-main; touch /var/lib/postgresql/15/main/standby.signal');
    await must('systemctl start postgresql@15-main; systemctl start xcatd');
    expect(await sql(inRecovery)).toBe('t');
    const before = await must(pids);
    expect(await xcat('mkdef -t node -o cn3')).toMatchObject({ code: 0 });
    expect(await sql('select pg_promote()')).toBe('t');
    expect(await sql(`${inRecovery}, count(*) from nodelist where node = 'cn3'`)).toBe('f|0');
    expect(await xcat('mkdef -t node -o cn3')).toMatchObject({ code: 0 });
    expect(await sql("select count(*) from nodelist where node = 'cn3'")).toBe('1');
    expect(await must(pids)).toBe(before);
  });

  it('reads cfgloc when it starts, and never after', async () => {
    await must('cp /etc/xcat/cfgloc /run/cfgloc; sed -i "s/|[^|]*$/|wrong/" /etc/xcat/cfgloc');
    await sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'xcatadm'");
    expect((await xcat('lsxcatd -v')).code).toBe(0);
    await must('systemctl stop xcatd; systemctl start --no-block xcatd');
    await must('sleep 4');
    expect((await sh('systemctl is-active xcatd')).stdout.trim()).toBe('activating');
    await must('systemctl stop xcatd; cp /run/cfgloc /etc/xcat/cfgloc');
  });

  it('fails quickly while the database is down, and recovers by itself', async () => {
    await must('systemctl stop postgresql@15-main');
    const said = await timed(() => xcat('lsxcatd -v'));
    expect(said.value.code).toBe(1);
    expect(said.value.stderr).toContain('[mn1]: Unable to open the database');
    expect(said.ms).toBeLessThan(1000);
    await must('systemctl start postgresql@15-main');
    expect((await xcat('lsxcatd -v')).code).toBe(0);
  });

  it('waits at its start for a database that is late', async () => {
    await must('systemctl stop xcatd postgresql@15-main');
    await must('systemctl start --no-block xcatd');
    await must('sleep 4');
    expect((await sh('systemctl is-active xcatd')).stdout.trim()).toBe('activating');
    await must('systemctl start postgresql@15-main; systemctl start xcatd');
    expect((await xcat('lsxcatd -v')).code).toBe(0);
  });

  it.each(['main', 'DB worker'])('hangs every client while its %s stands still', async (which) => {
    const pid = which === 'main' ? await mainPid() : await must("pgrep -f '^xcatd: DB Access'");
    await must(`kill -STOP ${pid}`);
    const said = await timed(() => xcat('lsxcatd -v', 700));
    await must(`kill -CONT ${pid}`);
    expect(said.value.stderr).toContain('did not answer within 700 ms');
    expect((await xcat('lsxcatd -v')).code).toBe(0);
  });

  it('is replaced without a word by a second instance', async () => {
    const first = await mainPid();
    await must('/opt/test/node /opt/xcat/lib/xcatd-double.mjs start');
    expect(await mainPid()).not.toBe(first);
    expect((await xcat('lsxcatd -v')).code).toBe(0);
  });

  it('outlives the death of its main process with five children', async () => {
    // Outside systemd, which would end them: as where the old init script runs it.
    await must('systemctl stop xcatd; /opt/test/node /opt/xcat/lib/xcatd-double.mjs start');
    await must(`kill -9 ${await mainPid()}; sleep 0.2`);
    expect(await processes()).toHaveLength(5);
    expect(await must("ss -Hlntu 'sport = :3001 or sport = :3002 or sport = :3003' | wc -l")).toBe('4');
    // The next one replaces the listeners; the DB worker of the first stays, with its session.
    const orphan = await must("pgrep -f '^xcatd: DB Access'");
    await must('/opt/test/node /opt/xcat/lib/xcatd-double.mjs start');
    expect(await processes()).toHaveLength(7);
    expect((await must("pgrep -f '^xcatd: DB Access'")).split('\n')).toContain(orphan);
    await must("kill -9 $(pgrep -f '^xcatd'); sleep 0.2");
  });
});
