import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vip4 } from '../../cluster/index.ts';
import { bringUp, cluster, hamnctl, lab, roles, sh, sql, until } from '../whole-cluster.ts';

/** `hamnctl makemn` on the whole product, the old management node up and down; xCAT's commands are the double's, its tables are in the real database. */
const log = '/root/makedns.log';
let before = '';

const resources = `    resources:
      xcat-role: {kind: marker, onPrimary: /etc/xCATMN, elsewhere: /etc/xCATSN, monitorEvery: 2s}
      makedns: {kind: job, after: [xcatd], command: [/opt/xcat/sbin/makedns, -n]}
`;

beforeAll(async () => {
  await bringUp();
  const { primary } = await roles();
  for (const node of cluster.options.data) {
    await lab.mustExec(node, ['mkdir', '-p', '/opt/xcat/sbin']);
    await lab.writeFile(node, '/opt/xcat/sbin/makedns', `#!/bin/sh\necho "makedns $*" >> ${log}\n`, 0o755);
    await sh(node, `rm -f /etc/xCATMN /etc/xCATSN ${log}`);
  }
  before = (await hamnctl(primary, 'config', 'show')).stdout;
  await sql(primary, '\\c xcatdb\ndelete from site').catch(() => undefined);
  await apply(`${before}${resources}`);
});
afterAll(async () => {
  await apply(before);
  await cluster.healthy(60_000);
  for (const node of cluster.options.data) await sh(node, `rm -f /etc/xCATMN /etc/xCATSN ${log}`);
  await lab.down();
});

async function apply(settings: string): Promise<void> {
  const { primary } = await roles();
  await lab.writeFile(primary, '/root/makemn.yaml', settings, 0o600);
  expect(await hamnctl(primary, 'config', 'apply', '/root/makemn.yaml', '--yes')).toMatchObject({ code: 0 });
}

/** What xCAT's commands would take the node for. */
const files = async (node: string): Promise<string> =>
  (await sh(node, 'ls /etc/xCATMN /etc/xCATSN 2>/dev/null | xargs')).stdout.trim();
const isMn = (node: string): Promise<string> => until(/^\/etc\/xCATMN$/, 20_000, () => files(node));
const isSn = (node: string): Promise<string> => until(/^\/etc\/xCATSN$/, 20_000, () => files(node));
const said = async (node: string, command: string): Promise<string> =>
  (await sh(node, command)).stdout.trim();

describe('hamnctl makemn', () => {
  it('finds each node marked as what it is, and says what it would do', async () => {
    const { primary, standby } = await roles();
    expect(await isMn(primary)).toBe('/etc/xCATMN');
    expect(await isSn(standby)).toBe('/etc/xCATSN');
    const shown = await hamnctl(standby, 'makemn', '--dry-run');
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.stdout).toContain(`makemn, by a switchover: ${primary} -> ${standby}`);
    expect(shown.stdout).toContain(`xcat-role: ${standby} gets the primary's file`);
    expect((await roles()).primary).toBe(primary);
  });

  it('makes this node the management node while the old one is up, and tells that site.master is wrong', async () => {
    const { primary, standby } = await roles();
    await said(standby, `rm -f ${log}`);
    const made = await hamnctl(standby, 'makemn', '--yes');
    expect(made.stdout).toContain(`The switchover is done`);
    expect(made.stdout).toContain('NO  site.master is not set.');
    expect(made.code).toBe(6);
    expect(await files(standby)).toBe('/etc/xCATMN');
    expect(await files(primary)).toBe('/etc/xCATSN');
    expect(await said(standby, `cat ${log}`)).toBe('makedns -n');
    expect(await sql(standby, 'select pg_is_in_recovery()')).toBe('f');
  });

  it('is the management node already: sets site.master when told so, and says that all is right', async () => {
    const { primary, standby } = await roles();
    const fixed = await hamnctl(primary, 'makemn', '--fix-site', '--json');
    expect(fixed).toMatchObject({ code: 0 });
    const document = JSON.parse(fixed.stdout);
    expect(document).toMatchObject({ node: primary, way: 'none', exitCode: 0 });
    expect(await said(primary, '/opt/xcat/bin/gettab key=master site.value')).toBe(vip4);
    expect(await hamnctl(primary, 'makemn')).toMatchObject({ code: 0 });
    expect((await hamnctl(standby, 'makemn', '--dry-run')).stdout).toContain('by a switchover');
    expect((await roles()).primary).toBe(primary);
  });

  it('puts a file right that somebody else put there, on either node, and says so', async () => {
    const { primary, standby } = await roles();
    await said(standby, 'touch /etc/xCATMN');
    await said(primary, 'touch /etc/xCATSN');
    expect(await isSn(standby)).toBe('/etc/xCATSN');
    expect(await isMn(primary)).toBe('/etc/xCATMN');
    expect((await hamnctl(primary, 'resources')).stdout).toMatch(/xcat-role .*1 of 3 restarts/);
    expect(await hamnctl(primary, 'cleanup', 'xcat-role')).toMatchObject({ code: 0 });
  });

  it('makes this node the management node while the old one is down; the old one is a service node before anything else', async () => {
    await apply(`${before}${resources}`.replace('failover: automatic', 'failover: manual'));
    const { primary, standby } = await roles();
    await said(standby, `rm -f ${log}`);
    await lab.powerOff(primary);
    expect(
      await until(/NOT HEARD OF/, 30_000, async () => (await hamnctl(standby, 'status')).stdout),
    ).toMatch(/NOT HEARD OF/);
    expect(await files(standby)).toBe('/etc/xCATSN');
    const made = await hamnctl(standby, 'makemn', '--yes');
    expect(made.stdout).toContain(`makemn, by a failover: ${primary} -> ${standby}`);
    expect(made.stdout).toContain(`site.master is the VIP ${vip4}.`);
    expect(made).toMatchObject({ code: 0 });
    expect(await files(standby)).toBe('/etc/xCATMN');
    expect(await said(standby, `cat ${log}`)).toBe('makedns -n');
    await lab.powerOn(primary);
    await cluster.healthy(60_000);
    expect(await files(primary)).toBe('/etc/xCATSN');
    const acts = await said(
      primary,
      "journalctl -b -u hamnd -o cat | grep -oE '(resource\\.demote|postgres\\.(start|rewind|clone|role)[a-z.]*)' | head -1",
    );
    expect(acts).toBe('resource.demote');
  });
});
