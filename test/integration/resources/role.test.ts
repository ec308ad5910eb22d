import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringUp, cluster, hamnctl, lab, roles, sh, until } from '../whole-cluster.ts';

/** What is started and stopped with the role, on the whole product: programs, jobs, mounts, links, a service that runs on both nodes. */
const folder = '/var/lib/lab-resources';
const log = `${folder}/log`;
const settingsFile = '/root/resources.yaml';
let before = '';

const resources = `    resources:
      share: {kind: mount, source: tmpfs, target: ${folder}/share, type: tmpfs}
      shared-conf: {kind: link, path: ${folder}/conf, to: ${folder}/share/conf}
      echo: {kind: unit, unit: lab-echo.service, runs: all}
      range:
        kind: template
        template: ${folder}/range.template
        file: ${folder}/range.conf
        values: {range: 10.1.200.1}
        changed: [${folder}/act, range]
      marker:
        kind: exec
        after: [xcatd]
        start: [${folder}/act, start]
        stop: [${folder}/act, stop]
        monitor: [${folder}/act, monitor]
        monitorEvery: 2s
        restarts: 2
      names:
        kind: job
        after: [xcatd]
        command: [${folder}/act, job]
      endless:
        kind: job
        after: [names]
        command: [/bin/sleep, "600"]
        startTimeout: 3s
        restarts: 0
        onFailure: degrade
`;

/** Writes down what it is called with; \`marker\` is a process that it leaves. */
const program = `#!/bin/sh
echo "$1 $HAMN_ROLE" >> ${log}
case "$1" in
  start) sleep 100000 & echo $! > ${folder}/pid ;;
  stop) kill "$(cat ${folder}/pid)"; rm -f ${folder}/pid ;;
  monitor) kill -0 "$(cat ${folder}/pid)" 2>/dev/null || exit 7 ;;
  range) cat ${folder}/range.conf >> ${folder}/ranges ;;
  job) echo "made names on $(hostname)" ;;
esac
`;

const template = '{{node}} {{#primary}}gives {{range}}{{/primary}}{{^primary}}is silent{{/primary}}\n';
/** The file that is made of it, and the last text that its reader was told. */
const range = async (node: string): Promise<string> =>
  said(node, `cat ${folder}/range.conf; tail -1 ${folder}/ranges`);

const twice = (text: string): string => `${text}\n${text}`;
const gives = (node: string): string => twice(`${node} gives 10.1.200.1`);
const silent = (node: string): string => twice(`${node} is silent`);

beforeAll(async () => {
  await bringUp();
  const { primary } = await roles();
  for (const node of cluster.options.data) {
    await lab.mustExec(node, ['mkdir', '-p', `${folder}/share`]);
    await lab.writeFile(node, `${folder}/act`, program, 0o755);
    await lab.writeFile(node, `${folder}/range.template`, template, 0o644);
    const unit = '[Service]\nExecStart=/bin/sleep infinity\n';
    await lab.writeFile(node, '/etc/systemd/system/lab-echo.service', unit, 0o644);
    await lab.mustExec(node, ['systemctl', 'daemon-reload']);
  }
  before = (await hamnctl(primary, 'config', 'show')).stdout;
  await apply(`${before}${resources}`);
});
afterAll(async () => {
  await apply(before);
  await cluster.healthy(60_000);
  for (const node of cluster.options.data)
    await sh(node, `systemctl stop lab-echo; umount ${folder}/share; rm -rf ${folder}`, 30_000);
  await lab.down();
});

async function apply(settings: string): Promise<void> {
  const { primary } = await roles();
  await lab.writeFile(primary, settingsFile, settings, 0o600);
  expect(await hamnctl(primary, 'config', 'apply', settingsFile, '--yes')).toMatchObject({ code: 0 });
}

const said = async (node: string, command: string): Promise<string> =>
  (await sh(node, command)).stdout.trim();

/** How things are on a node, without a word of hamn's. */
const state = (node: string): Promise<string> =>
  said(
    node,
    `mountpoint -q ${folder}/share && echo mounted; readlink ${folder}/conf; systemctl is-active lab-echo; pgrep -f '[s]leep 100000' >/dev/null && echo marker`,
  );
const serving = `mounted\n${folder}/share/conf\nactive\nmarker`;
const resting = 'active';

describe('resources', () => {
  it('run on the primary, in their order; what runs everywhere does so on the standby, too', async () => {
    const { primary, standby } = await roles();
    expect(await until(/marker$/, 30_000, () => state(primary))).toBe(serving);
    expect(await until(/active/, 30_000, () => state(standby))).toBe(resting);
    const shown = (await hamnctl(primary, 'resources')).stdout;
    expect(shown).toMatch(/ {4}marker +exec +running/);
    expect(shown).toMatch(/shared-conf +link +running/);
    expect(await said(primary, `grep -vE 'monitor|range' ${log} | sort`)).toBe('job primary\nstart primary');
  });

  it('a file made of a template says what the role is, and its reader is told', async () => {
    const { primary, standby } = await roles();
    expect(await until(/gives.*gives/s, 20_000, () => range(primary))).toBe(gives(primary));
    expect(await until(/silent.*silent/s, 20_000, () => range(standby))).toBe(silent(standby));
    await sh(standby, `echo by hand > ${folder}/range.conf`);
    expect(await until(/silent.*silent/s, 30_000, () => range(standby))).toBe(silent(standby));
  });

  it('a job is kept with its output; one that does not end is degraded and moves nothing', async () => {
    const { primary } = await roles();
    const jobs = await until(/endless +failed/, 30_000, async () => (await hamnctl(primary, 'jobs')).stdout);
    expect(jobs).toMatch(/names +stopped .*It has run to its end in this term/);
    expect(jobs).toMatch(/endless +failed/);
    expect((await hamnctl(primary, 'jobs', 'output', 'names')).stdout).toContain(`made names on ${primary}`);
    expect((await hamnctl(primary, 'status')).stdout).toContain('endless');
    expect((await roles()).primary).toBe(primary);
    expect(await said(primary, "pgrep -f '[s]leep 600' || echo none")).toBe('none');
  });

  it('a process that dies is started again where it was, and counted', async () => {
    const { primary } = await roles();
    await sh(primary, 'pkill -9 -f "[s]leep 100000"');
    expect(await until(/marker$/, 30_000, () => state(primary))).toBe(serving);
    expect((await hamnctl(primary, 'resources')).stdout).toMatch(/1 of 2 restarts/);
    expect(await hamnctl(primary, 'cleanup', 'marker')).toMatchObject({ code: 0 });
    const clean = await until(
      /^(?![\s\S]*of 2 restarts)/,
      10_000,
      async () => (await hamnctl(primary, 'resources')).stdout,
    );
    expect(clean).not.toContain('of 2 restarts');
  });

  it('an admin takes one into his hands and gives it back', async () => {
    const { primary } = await roles();
    expect(await hamnctl(primary, 'resources', 'unmanage', 'marker', '--reason', 'a repair')).toMatchObject({
      code: 0,
    });
    await until(/marker +exec +unmanaged/, 10_000, async () => (await hamnctl(primary, 'resources')).stdout);
    await sh(primary, `${folder}/act stop`);
    // Longer than three looks: nothing may start it.
    const started = await until(/marker$/, 8000, () => state(primary));
    expect(started).not.toContain('marker');
    expect(await hamnctl(primary, 'resources', 'manage', 'marker')).toMatchObject({ code: 0 });
    expect(await until(/marker$/, 30_000, () => state(primary))).toBe(serving);
  });

  it('go with a switchover: nothing is left, and jobs run on the other node', async () => {
    const { primary, standby } = await roles();
    await sh(standby, `rm -f ${log}`);
    expect(await hamnctl(primary, 'switchover', '--to', standby, '--yes', '--wait')).toMatchObject({
      code: 0,
    });
    expect(await until(/^active$/, 10_000, () => state(primary))).toBe(resting);
    expect(await until(/marker$/, 30_000, () => state(standby))).toBe(serving);
    expect(await until(/gives.*gives/s, 20_000, () => range(standby))).toBe(gives(standby));
    expect(await until(/silent.*silent/s, 20_000, () => range(primary))).toBe(silent(primary));
    expect(await until(/job/, 20_000, () => said(standby, `cat ${log}`))).toMatch(/^job primary$/m);
  });

  it('are all there after the primary lost its power, and nothing of it when it comes back', async () => {
    const { primary, standby } = await roles();
    await lab.powerOff(primary);
    expect(await until(/marker$/, 30_000, () => state(standby))).toBe(serving);
    await lab.powerOn(primary);
    await cluster.healthy(60_000);
    expect(await until(/^active$/, 20_000, () => state(primary))).toBe(resting);
    expect(await until(/gives.*gives/s, 20_000, () => range(standby))).toBe(gives(standby));
    expect(await until(/silent.*silent/s, 20_000, () => range(primary))).toBe(silent(primary));
    const history = (await hamnctl(standby, 'history', '--json')).stdout;
    const times = JSON.parse(history)
      .entries.at(-1)
      .resources.map(({ name }: { name: string }) => name);
    expect(times).toEqual(expect.arrayContaining(['xcatd', 'marker', 'share']));
  });
});
