import type { ResourcesDocument } from '@hamn/api';
import { afterAll, beforeAll, expect } from 'vitest';
import { clusterFile, installXcatServices, servedName, servedText, vip4 } from '../../cluster/index.ts';
import { bringUp, cluster, hamnctl, lab, roles, sh, until, xcat } from '../whole-cluster.ts';

/** `preset: xcat` with the real services, and doubles of what only xCAT has. */
const settingsFile = '/root/preset.yaml';

export const whole: string = clusterFile({ ...cluster.options, services: 'preset' }, lab.release.postgres);
/** Looks often enough for a test, as many restarts as it takes, and a job that has not two minutes. */
export const impatient: string = `${whole}      xcatd: {monitorEvery: 2s, restarts: 20}
      makedns: {startTimeout: 4s, restarts: 0}
`;

export async function apply(settings: string): Promise<void> {
  const primary = (await cluster.primary()) ?? '';
  await lab.writeFile(primary, settingsFile, settings, 0o600);
  expect(await hamnctl(primary, 'config', 'apply', settingsFile, '--yes')).toMatchObject({ code: 0 });
}

export const said = async (node: string, command: string): Promise<string> =>
  (await sh(node, command)).stdout.trim();

export async function resourcesOf(node: string): Promise<ResourcesDocument['nodes'][number]['states']> {
  const shown = await hamnctl(node, 'resources', '--json');
  const document = JSON.parse(shown.stdout) as ResourcesDocument;
  return document.nodes.find(({ name }) => name === node)?.states ?? [];
}

export const serving: readonly string[] = [
  'named',
  'xcatd',
  'dhcpd',
  'http',
  'nfs',
  'tftp',
  'console',
  'ready',
];

const jobs = ['named-reload', 'makedns', 'makedhcp-networks', 'makedhcp-nodes', 'makeconsoles'];

/** What runs on a node by hamn's word, and which jobs have come to their end. */
export async function running(node: string): Promise<string> {
  const states = await resourcesOf(node);
  return states
    .filter(({ state, kind, reason }) =>
      kind === 'job'
        ? reason?.includes('has run')
        : state === 'running' && kind !== 'vip' && kind !== 'marker',
    )
    .map(({ name }) => name)
    .filter((name) => name !== 'postgres')
    .sort()
    .join(' ');
}

export const everything: string = [...serving, ...jobs].sort().join(' ');

export const askName: string = `host -W 2 ${servedName} ${vip4} | tail -1`;

/** Each service's own answer at the VIP, asked from another machine; one line each. */
export async function answers(from: string): Promise<Readonly<Record<string, string>>> {
  const http =
    'const r = await fetch(process.argv[1]); process.stdout.write(String(r.status) + " " + await r.text())';
  return {
    dns: await said(from, askName),
    http: await said(from, `/usr/lib/hamn/node --input-type=module -e '${http}' http://${vip4}/install.txt`),
    tftp: await said(
      from,
      `cd /tmp && rm -f boot.txt && timeout 10 tftp ${vip4} -c get boot.txt >/dev/null; cat boot.txt`,
    ),
    nfs: await said(from, `rpcinfo -a ${vip4}.8.1 -T tcp 100003 4`),
    xcatd: (await xcat(from, 'lsxcatd', '-v')).stdout.trim(),
  };
}

export const allAnswers: Readonly<Record<'dns' | 'http' | 'tftp' | 'nfs' | 'xcatd', string>> = {
  dns: `${servedName} has address ${vip4}`,
  http: `200 ${servedText.trim()}`,
  tftp: servedText.trim(),
  nfs: 'program 100003 version 4 ready and waiting',
  xcatd: 'Version 2.17.0 (double)',
};

/** By systemd's word, not hamn's. */
export const units: readonly string[] = [
  'named',
  'xcatd',
  'isc-dhcp-server',
  'apache2',
  'nfs-ganesha',
  'tftpd-hpa',
  'conserver-server',
];

export const active = async (node: string): Promise<string> => {
  const states = (await said(node, `systemctl is-active ${units.join(' ')}`)).split('\n');
  return units.filter((_, at) => states[at] === 'active').join(' ');
};

export const mainOf = (node: string): Promise<string> => said(node, 'cat /run/xcatd.pid');

export const xcatProcesses = async (node: string): Promise<readonly string[]> =>
  (await said(node, "pgrep -f '^xcatd' | sort")).split('\n').filter(Boolean);

export const xcatdLine = async (node: string): Promise<string> => {
  const found = (await resourcesOf(node)).find(({ name }) => name === 'xcatd');
  return `${found?.state} failures=${found?.failures ?? 0} ${found?.reason ?? ''}`;
};

export const answering = (node: string): Promise<string> =>
  until(/Version/, 40_000, async () => (await xcat(node, 'lsxcatd', '-v')).stdout);

/** Six new processes, none of the old ones, and it answers. */
export async function renewed(node: string, old: readonly string[], limitMs = 40_000): Promise<void> {
  const now = await until(/^renewed$/, limitMs, async () => {
    const processes = await xcatProcesses(node);
    const left = processes.filter((pid) => old.includes(pid));
    return processes.length === 6 && left.length === 0
      ? 'renewed'
      : `${processes.length}, of the old ones ${left.join()}`;
  });
  expect(now).toBe('renewed');
  expect(await answering(node)).toContain('Version');
}

export const asked = async (node: string, statement: string): Promise<void> => {
  const line = `cd /; runuser -u postgres -- psql -qAtX -c "${statement}"`;
  expect(await sh(node, line)).toMatchObject({ code: 0 });
};

export const endSessions = (node: string): Promise<void> =>
  asked(node, "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'xcatadm'");
/** xcatd's account may not come in: to it the database is down, to hamn it is well. */
export const shutOut = async (node: string): Promise<void> => {
  await asked(node, 'alter role xcatadm nologin');
  await endSessions(node);
};

export const letIn = (node: string): Promise<void> => asked(node, 'alter role xcatadm login');

/** For the tests of one file: the cluster with all that the preset starts, and afterwards with the settings that it had. */
export function onPresetGround(): void {
  let before = '';

  beforeAll(async () => {
    await bringUp();
    const { primary } = await roles();
    before = (await hamnctl(primary, 'config', 'show')).stdout;
    await installXcatServices(lab, cluster.options);
    // xcatd has other certificates now.
    for (const node of cluster.options.data)
      await sh(node, 'systemctl daemon-reload; systemctl try-restart xcatd', 60_000);
    // Only a unit that is asked deeply may be restarted by hand without a failure.
    expect(await hamnctl(primary, 'cleanup', 'xcatd')).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await apply(before);
    await cluster.healthy(60_000);
    await lab.down();
  });
}
