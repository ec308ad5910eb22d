import { beforeAll, describe, expect, it } from 'vitest';
import { passwords } from '../../cluster/index.ts';
import { hamnctl, lab, roles, sh, until, xcat } from '../whole-cluster.ts';
import {
  active,
  allAnswers,
  answering,
  apply,
  asked,
  askName,
  endSessions,
  everything,
  impatient,
  letIn,
  mainOf,
  onPresetGround,
  renewed,
  resourcesOf,
  running,
  said,
  shutOut,
  xcatdLine,
  xcatProcesses,
} from './preset-scene.ts';

onPresetGround();

describe('what xcatd is known for', () => {
  beforeAll(async () => {
    await apply(impatient);
    const { primary } = await roles();
    expect(await until(new RegExp(`^${everything}$`), 60_000, () => running(primary))).toBe(everything);
  });

  it('a main process that is killed leaves five children: all are gone before it starts again', async () => {
    const { primary } = await roles();
    const old = await xcatProcesses(primary);
    expect(old).toHaveLength(6);
    await sh(primary, `kill -9 ${await mainOf(primary)}`);
    await renewed(primary, old);
    expect(await until(/^running/, 10_000, () => xcatdLine(primary))).toMatch(/^running failures=1/);
  });

  it.each(['main process', 'DB worker'])('a %s that stands still is noticed and ended', async (which) => {
    const { primary } = await roles();
    const old = await xcatProcesses(primary);
    const pid =
      which === 'main process' ? await mainOf(primary) : await said(primary, "pgrep -f '^xcatd: DB Access'");
    await sh(primary, `kill -STOP ${pid}`);
    const noticed = await until(/did not answer within/, 40_000, () => xcatdLine(primary));
    expect(noticed).toMatch(/xcatd at [\d.]+:3001 took the request, and did not answer within/);
    await renewed(primary, old, 60_000);
    expect((await roles()).primary).toBe(primary);
  });

  it('a database that lets it in no more is told apart from xcatd, and does not restart it', async () => {
    const { primary } = await roles();
    await answering(primary);
    const old = await xcatProcesses(primary);
    const count = (await xcatdLine(primary)).match(/failures=\d+/)?.[0] ?? '';
    await shutOut(primary);
    const line = await until(/degraded/, 20_000, () => xcatdLine(primary));
    expect(line).toMatch(new RegExp(`^degraded ${count} xcatd answers, but cannot serve: .* Its database`));
    await letIn(primary);
    expect(await until(/^running/, 20_000, () => xcatdLine(primary))).toMatch(/^running/);
    expect(await xcatProcesses(primary)).toEqual(old);
  });

  it('a cfgloc that was changed counts after a restart by hand, which is no failure', async () => {
    const { primary } = await roles();
    const old = await xcatProcesses(primary);
    const count = (await xcatdLine(primary)).match(/failures=\d+/)?.[0] ?? '';
    await asked(primary, "alter role xcatadm password 'changed'");
    await endSessions(primary);
    expect(await until(/^degraded/, 20_000, () => xcatdLine(primary))).toMatch(/xcatd answers, but cannot/);
    const { stdout: cfgloc } = await sh(primary, 'cat /etc/xcat/cfgloc');
    const changed = `${cfgloc.split('|').slice(0, 2).join('|')}|changed\n`;
    await lab.writeFile(primary, '/etc/xcat/cfgloc', changed, 0o600);
    // It read the old one when it started.
    expect((await xcat(primary, 'lsxcatd', '-v')).code).toBe(1);
    await sh(primary, 'systemctl restart xcatd', 60_000);
    await renewed(primary, old);
    expect(await until(/^running/, 20_000, () => xcatdLine(primary))).toMatch(
      new RegExp(`^running ${count} `),
    );
    await asked(primary, `alter role xcatadm password '${passwords.xcatadm}'`);
    await lab.writeFile(primary, '/etc/xcat/cfgloc', cfgloc, 0o600);
    await sh(primary, 'systemctl restart xcatd', 60_000);
    expect(await answering(primary)).toContain('Version');
  });

  it('makedns does not end while named is silent: it is ended at its limit, and nothing moves', async () => {
    const { primary } = await roles();
    const named = await said(primary, 'systemctl show -P MainPID named');
    await sh(primary, `kill -STOP ${named}`);
    const makedns = async (): Promise<string> => {
      const found = (await resourcesOf(primary)).find(({ name }) => name === 'makedns');
      return `${found?.state} ${found?.reason ?? ''}`;
    };
    expect(await hamnctl(primary, 'jobs', 'run', 'makedns')).toMatchObject({ code: 0 });
    expect(await until(/^failed/, 30_000, makedns)).toMatch(/did not end within/);
    await sh(primary, `kill -CONT ${named}`);
    expect(await until(/has address/, 30_000, () => said(primary, askName))).toBe(allAnswers.dns);
    expect(await hamnctl(primary, 'jobs', 'run', 'makedns')).toMatchObject({ code: 0 });
    expect(await until(/has run/, 30_000, makedns)).toMatch(/has run/);
    expect((await roles()).primary).toBe(primary);
  });

  it('a database that comes late is waited for', async () => {
    const { primary } = await roles();
    await shutOut(primary);
    const old = await xcatProcesses(primary);
    await sh(primary, `kill -9 ${await mainOf(primary)}`);
    expect(await until(/activating/, 10_000, () => said(primary, 'systemctl is-active xcatd'))).toBe(
      'activating',
    );
    const count = (await until(/^starting/, 10_000, () => xcatdLine(primary))).match(/failures=\d+/)?.[0];
    // Longer than three looks at it: it is still the same start.
    expect(await until(/^(?!starting)/, 7000, () => xcatdLine(primary))).toMatch(/^starting/);
    await letIn(primary);
    await renewed(primary, old);
    expect(await until(/^running/, 10_000, () => xcatdLine(primary))).toContain(count ?? 'a count');
  });

  it('one that somebody starts on the standby is stopped: it would say success and write nothing', async () => {
    const { standby } = await roles();
    await sh(standby, 'systemctl start --no-block xcatd');
    expect(await until(/^named$/, 20_000, () => active(standby))).toBe('named');
    expect(await until(/^$/, 10_000, async () => (await xcatProcesses(standby)).join())).toBe('');
  });

  it('a second one that replaces the first is named, and left to the admin', async () => {
    const { primary } = await roles();
    const program = '/usr/lib/hamn/node /opt/xcat/lib/xcatd-double.mjs start';
    await sh(primary, program);
    const line = await until(/was not started/, 30_000, () => xcatdLine(primary));
    expect(line).toMatch(/xcatd.service was not started: tcp\/3001 is held by .*xcatd.* \(\d+\)/);
    const strange = await xcatProcesses(primary);
    await sh(primary, `kill -9 ${strange.join(' ')}`);
    await renewed(primary, strange, 60_000);
    expect((await roles()).primary).toBe(primary);
  });

  it('a stop that says success and leaves everything running is not believed', async () => {
    const { primary, standby } = await roles();
    const folder = '/run/systemd/system/xcatd.service.d';
    const lsb = '[Service]\nExecStop=/bin/true\nKillMode=none\nTimeoutStopSec=2\n';
    await sh(primary, `mkdir -p ${folder}`);
    await lab.writeFile(primary, `${folder}/lsb.conf`, lsb, 0o644);
    await sh(primary, 'systemctl daemon-reload');
    const old = await xcatProcesses(primary);
    expect(old).toHaveLength(6);
    expect(await hamnctl(primary, 'switchover', '--to', standby, '--yes', '--wait')).toMatchObject({
      code: 0,
    });
    expect(await xcatProcesses(primary)).toEqual([]);
    await sh(primary, `rm ${folder}/lsb.conf; systemctl daemon-reload`);
    expect(await until(new RegExp(`^${everything}$`), 60_000, () => running(standby))).toBe(everything);
  });
});
