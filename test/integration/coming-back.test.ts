import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWritable } from '../prove/stage.ts';
import { bringUp, hamnctl, lab, type Roles, roles, sh, sql, until } from './whole-cluster.ts';

/** A node that was primary and lost its power boots with whatever its last life left, and must be harmless before anything else (I4). */
const unit = 'postgresql@15-main.service';
const gate = `/etc/systemd/system/${unit}.d/50-hamn-gate.conf`;
const own = '7 3 * * * /usr/local/bin/own-backup --all';
const vip = '10.99.0.10';
const serverLog = '/var/log/postgresql/postgresql-15-main.log';

// cron would run xCAT's entry, and the journal would then keep the password that stands in it, for every test that follows.
beforeAll(async () => {
  await bringUp();
  const { primary, standby } = await roles();
  for (const node of [primary, standby]) await sh(node, 'systemctl mask --now cron', 30_000);
});
afterAll(async () => {
  const { primary, standby } = await roles();
  const off = "runuser -u postgres -- psql -qAtX -d xcatdb -c 'delete from monitoring'";
  await sh(primary, off, 15_000);
  for (const node of [primary, standby])
    await sh(node, 'crontab -r; systemctl unmask cron && systemctl start cron', 30_000);
  await lab.down();
});

const crontab = async (node: string): Promise<string> => (await sh(node, 'crontab -l')).stdout;
const xcat = /XCATROOT=\S+ .*XCATCFG='Pg:.*nodestat all -m -u -q/;

/** Everything of the role gone, and the node a standby again. */
async function harmless(node: string): Promise<void> {
  expect((await sh(node, 'ip -br address')).stdout).not.toContain(`${vip}/`);
  expect(await isWritable(node)).toBe(false);
  for (const service of ['xcatd', 'isc-dhcp-server']) {
    expect((await sh(node, `systemctl is-active ${service}`)).stdout.trim()).not.toBe('active');
    expect((await sh(node, `systemctl is-enabled ${service}`)).stdout.trim()).not.toBe('enabled');
  }
  expect((await sh(node, 'cat /etc/postgresql/15/main/start.conf')).stdout).not.toMatch(/^auto/m);
  expect(await crontab(node)).toContain(own);
  expect(await crontab(node)).not.toContain('XCATCFG');
}

/** As the upgrade of the packages leaves it; nobody is there any more to put it right before the power goes. */
const enableAll = [
  'systemctl kill -s STOP hamnd.service',
  `systemctl enable ${unit} isc-dhcp-server xcatd`,
  'sed -i "s/^manual/auto/" /etc/postgresql/15/main/start.conf',
].join('; ');

/** The primary loses its power with this done to it, and boots when another one has taken over. */
async function loseAndBoot(now: Roles, last: string): Promise<void> {
  expect((await sh(now.primary, last, 30_000)).code).toBe(0);
  await lab.powerOff(now.primary);
  const taken = await until(/^f$/, 30_000, () => sql(now.standby, 'select pg_is_in_recovery()'));
  expect(taken).toBe('f');
  await lab.powerOn(now.primary);
}

describe('xcatd’s entry in root’s crontab', () => {
  it('stays with the primary and goes with the role; an admin’s own entries are not touched', async () => {
    const { primary, standby } = await roles();
    for (const node of [primary, standby]) await sh(node, `echo '${own}' | crontab -`);
    const table = "insert into monitoring values ('xcatmon', 'Y') on conflict do nothing";
    const asXcat = ['runuser', '-u', 'postgres', '--', 'psql', '-qAtX', '-d', 'xcatdb', '-c', table];
    await lab.mustExec(primary, asXcat, { timeoutMs: 15_000 });
    await sh(primary, 'systemctl restart xcatd', 60_000);
    expect(await until(xcat, 10_000, () => crontab(primary))).toMatch(xcat);
    await sleep(2000);
    expect(await crontab(primary)).toMatch(xcat);
    const moved = await hamnctl(primary, 'switchover', '--to', standby, '--yes', '--wait');
    expect(moved).toMatchObject({ code: 0 });
    const clean = new RegExp(`^(?!.*XCATCFG).*${own.replaceAll('*', '\\*')}\\n$`, 's');
    expect(await until(clean, 10_000, () => crontab(primary))).toMatch(clean);
    expect(await until(xcat, 20_000, () => crontab(standby))).toMatch(xcat);
    const told = (await hamnctl(primary, 'events')).stdout;
    expect(told).toMatch(/crontab\.clean\.done/);
    expect(told).not.toContain('lab-xcatadm');
  });
});

describe('a primary that lost its power', () => {
  it('with its units enabled by an upgrade comes back as a standby: the gate lets no writable server start', async () => {
    const now = await roles();
    expect(await crontab(now.primary)).toMatch(xcat);
    const lines = Number((await sh(now.primary, `wc -l < ${serverLog}`)).stdout);
    await loseAndBoot(now, enableAll);
    expect((await roles()).primary).toBe(now.standby);
    await harmless(now.primary);
    const log = (await sh(now.primary, `tail -n +${lines + 1} ${serverLog}`)).stdout;
    expect(log).toContain('ready to accept read-only connections');
    expect(log).not.toContain('ready to accept connections');
  });

  it('with the VIP made persistent, the gate taken away and a writable server started at boot is made harmless first', async () => {
    const now = await roles();
    const rogue = `[Unit]\nAfter=network.target\nBefore=hamnd.service\n[Service]\nType=oneshot\nExecStart=/sbin/ip address add ${vip}/24 dev eth0\n[Install]\nWantedBy=multi-user.target\n`;
    await lab.writeFile(now.primary, '/etc/systemd/system/rogue-vip.service', rogue);
    const last = [
      enableAll,
      `rm ${gate}`,
      'systemctl enable rogue-vip.service',
      // hamnd comes late, so that all of it is there when it looks.
      'mkdir -p /etc/systemd/system/hamnd.service.d',
      `printf '[Unit]\\nAfter=rogue-vip.service xcatd.service ${unit}\\n' > /etc/systemd/system/hamnd.service.d/late.conf`,
    ].join(' && ');
    await loseAndBoot(now, last.replaceAll('; ', ' && '));
    expect((await roles()).primary).toBe(now.standby);
    await harmless(now.primary);
    const told = (await hamnctl(now.primary, 'events')).stdout;
    expect(told).toMatch(
      /PostgreSQL is writable here, and this node does not hold the term|This node does not hold the term, but has the VIP/,
    );
    await sh(
      now.primary,
      'systemctl disable rogue-vip; rm -r /etc/systemd/system/rogue-vip.service /etc/systemd/system/hamnd.service.d; systemctl daemon-reload',
    );
    // The gate is put back by the node's own hamnd.
    expect((await sh(now.primary, `test -e ${gate}`)).code).toBe(0);
  });
});
