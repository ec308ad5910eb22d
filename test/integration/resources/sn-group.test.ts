import type { StatusDocument } from '@hamn/api';
import { statusSchema } from '@hamn/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePackage } from '../../../deploy/package/make-package.ts';
import { makeCertificate } from '../../cluster/certificates.ts';
import { etcdctl } from '../../cluster/etcdctl.ts';
import { waitFor } from '../../cluster/index.ts';
import { installPackage } from '../../cluster/install.ts';
import { clusterName } from '../../cluster/options.ts';
import { machineOf } from '../../lab/index.ts';
import { nfsAnswers, watchNfs } from '../nfs-client.ts';
import { bringUp, cluster, hamnctl, lab, roles, sh, until } from '../whole-cluster.ts';

/** The NFS server of two service nodes: a group of its own beside the management node's, in the same etcd, without a database. */
const group = 'sn-nfs';
const nodes = ['sn1', 'sn2'] as const;
const vip = '10.99.0.30';
const exported = '/srv/hamn-export';
const settingsFile = '/root/groups.yaml';
let before = '';

const ganesha = `NFS_CORE_PARAM { NFS_Port = 2049; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; }
NFSv4 { Graceless = true; }
EXPORT { Export_Id = 1; Path = ${exported}; Pseudo = /export; Access_Type = RO; Protocols = 4; FSAL { Name = VFS; } }
`;
const unit = `[Service]
ExecStart=/usr/bin/ganesha.nfsd -F -L /var/log/lab-nfs.log -f /etc/lab-nfs.conf -p /run/lab-nfs.pid
`;

const addressesOf = (names: readonly string[]): string =>
  names.map((name) => `  ${name}: {address: ${machineOf(name).ipv4}}\n`).join('');

const withGroup = (
  text: string,
): string => `${text.trimEnd().replace('\ngroups:\n', `\n${addressesOf(nodes)}groups:\n`)}
  ${group}:
    nodes: [${nodes.join(', ')}]
    vips: [{address: ${vip}/24, interface: eth0}]
    resources:
      export: {kind: mount, source: tmpfs, target: ${exported}, type: tmpfs}
      nfs-server: {kind: unit, unit: lab-nfs.service, after: [export], ports: [tcp/2049]}
`;

function nodeFile(name: string): string {
  const members = ['mn1', 'mn2', 'wit1'].map((member) => `https://${machineOf(member).ipv4}:2379`);
  return `cluster: ${clusterName}
node: ${name}
group: ${group}
address: ${machineOf(name).ipv4}
etcd: {endpoints: ["${members.join('", "')}"]}
`;
}

/** As an admin sets a service node up: no PostgreSQL, no member of etcd. */
async function prepare(name: string, first: string, packageFile: string): Promise<void> {
  await lab.nodeUp(name);
  await installPackage(lab, name, packageFile);
  await makeCertificate(lab, first, name);
  await lab.writeFile(name, '/etc/hamn/hamn.yaml', nodeFile(name), 0o644);
  await lab.writeFile(name, '/etc/lab-nfs.conf', ganesha, 0o644);
  await lab.writeFile(name, '/etc/systemd/system/lab-nfs.service', unit, 0o644);
  await sh(
    name,
    `mkdir -p ${exported}; systemctl disable --now nfs-ganesha; systemctl daemon-reload`,
    30_000,
  );
}

beforeAll(async () => {
  await bringUp();
  const { primary } = await roles();
  const packageFile = await makePackage();
  for (const name of nodes) await prepare(name, 'mn1', packageFile);
  before = (await hamnctl(primary, 'config', 'show')).stdout;
  await lab.writeFile(primary, settingsFile, withGroup(before), 0o600);
  expect(await hamnctl(primary, 'config', 'apply', settingsFile, '--yes')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  for (const name of nodes)
    if (await lab.isOn(name)) await sh(name, 'systemctl disable --now hamnd hamn-guard', 60_000);
  await cluster.healthy(60_000);
  const { primary } = await roles();
  // How a group is given up: nobody works on it, its keys go, then its line in the settings.
  await etcdctl(lab, primary, 'del', '--prefix', `/hamn/${clusterName}/groups/${group}/`);
  await lab.writeFile(primary, settingsFile, before, 0o600);
  await hamnctl(primary, 'config', 'apply', settingsFile, '--yes');
  await cluster.healthy(60_000);
  await lab.down();
});

async function statusOf(node: string, ...more: readonly string[]): Promise<StatusDocument | undefined> {
  const { stdout } = await hamnctl(node, 'status', '--json', ...more);
  const read = stdout.startsWith('{') ? statusSchema.safeParse(JSON.parse(stdout)) : undefined;
  return read?.success === true ? read.data : undefined;
}

/** What runs on a node, by the kernel and systemd. */
const state = async (node: string): Promise<string> => {
  const command = `ip -4 -o address show | grep -q ' ${vip}/' && echo vip; mountpoint -q ${exported} && echo mounted; systemctl is-active lab-nfs`;
  return (await sh(node, command)).stdout.trim();
};
const serving = 'vip\nmounted\nactive';
const resting = 'inactive';

const standbyIsFit = (asked: string, standby: string): Promise<string> =>
  until(/true/, 40_000, async () => {
    const status = await statusOf(asked, '--group', group);
    return String(status?.nodes.find(({ name }) => name === standby)?.candidacy?.eligible);
  });
const tokenOf = async (asked: string, of: string): Promise<number | undefined> =>
  (await statusOf(asked, '--group', of))?.term?.token;

describe('a group of service nodes', () => {
  it('is set up with the settings that the management node’s group has, and serves', async () => {
    const made = await hamnctl('sn1', 'init', '--from', 'mn');
    expect(made.stderr).toBe('');
    for (const name of nodes)
      await lab.mustExec(name, ['systemctl', 'enable', '--now', 'hamn-guard', 'hamnd'], {
        timeoutMs: 60_000,
      });
    expect(await until(/^active$/m, 40_000, () => state('sn1'))).toBe(serving);
    expect(await state('sn2')).toBe(resting);
    expect(await waitFor(10_000, 200, async () => (await nfsAnswers(vip)) || undefined)).toBe(true);
    expect(await standbyIsFit('sn1', 'sn2')).toBe('true');
  });

  it('is seen from every node, by name or with all others; a node of another group does not act for it', async () => {
    const seen = await statusOf('mn2', '--group', group);
    expect(seen).toMatchObject({
      group,
      primary: { node: 'sn1' },
      nodes: [{ name: 'sn1' }, { name: 'sn2' }],
    });
    expect((await statusOf('sn2'))?.group).toBe(group);
    const all = (await hamnctl('wit1', 'status', '--all')).stdout;
    expect(all).toMatch(/Group mn\n.*mn[12] is primary.*Group sn-nfs\n.*sn1 is primary/s);
    const ask = (path: string): string =>
      `/usr/lib/hamn/node -e "require('http').get({socketPath: '/run/hamn/hamnd.sock', path: '${path}'}, (answer) => answer.pipe(process.stdout))"`;
    expect((await sh('sn1', ask('/metrics'))).stdout).toMatch(/^hamn_\w+\{[^}]*group="sn-nfs"[^}]*\} /m);
    expect((await sh('mn1', ask(`/status?group=${group}`))).stdout).toContain(
      'looks after the group mn, not after sn-nfs',
    );
  });

  it('moves when its primary loses its power, and the management node’s group does not notice', async () => {
    const token = await tokenOf('mn1', 'mn');
    await lab.powerOff('sn1');
    const begun = performance.now();
    expect(await until(/^active$/m, 30_000, () => state('sn2'))).toBe(serving);
    expect(await waitFor(20_000, 100, async () => (await nfsAnswers(vip)) || undefined)).toBe(true);
    console.log(`sn-nfs served again ${Math.round(performance.now() - begun)} ms after the power-off`);
    expect(await tokenOf('mn1', 'mn')).toBe(token);
    await lab.powerOn('sn1');
    expect(await standbyIsFit('sn2', 'sn1')).toBe('true');
    expect(await state('sn1')).toBe(resting);
    expect((await statusOf('sn1'))?.primary?.node).toBe('sn2');
  });

  it('stays where it is when a management node loses its power', async () => {
    const { primary, standby } = await roles();
    const token = await tokenOf('sn2', group);
    const watch = watchNfs(vip);
    await lab.powerOff(primary);
    expect(
      await until(new RegExp(standby), 30_000, async () => (await statusOf(standby))?.primary?.node ?? ''),
    ).toBe(standby);
    await lab.powerOn(primary);
    await cluster.healthy(90_000);
    const { asked, silentMs } = await watch.end();
    console.log(`asked ${asked} times, silent for ${Math.round(silentMs)} ms at most`);
    expect(asked).toBeGreaterThan(5);
    expect(await tokenOf('sn2', group)).toBe(token);
    expect(await state('sn2')).toBe(serving);
  });

  it('is handed over at a word from any node', async () => {
    const asked = await hamnctl('wit1', 'switchover', '--group', group, '--to', 'sn1', '--yes', '--wait');
    expect(asked).toMatchObject({ code: 0 });
    expect(await until(/^active$/m, 30_000, () => state('sn1'))).toBe(serving);
    expect(await state('sn2')).toBe(resting);
  });
});
