import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../program.ts';
import { fakeApp, fakeIo } from '../../testing/fake-io.ts';
import { cib, storageCib, xcatCib } from './testing/cibs.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hamn-import-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const nodes = ['--node', 'mn1=10.1.0.221', '--node', 'mn2=10.1.0.222', '--witness', 'wit1=10.1.0.220'];

async function run(
  text: string,
  ...more: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const file = join(directory, 'cib.xml');
  writeFileSync(file, text);
  const io = fakeIo();
  const code = await runProgram(['import', 'pacemaker', file, ...more], fakeApp(io));
  return { code, out: io.written.out, err: io.written.err.replaceAll(directory, '') };
}

async function validate(text: string): Promise<string> {
  const file = join(directory, 'cluster.yaml');
  writeFileSync(file, text);
  const io = fakeIo();
  await runProgram(['config', 'validate', file], fakeApp(io));
  return io.written.out.replaceAll(directory, '') + io.written.err;
}

describe('hamnctl import pacemaker', () => {
  it('makes settings that are valid of the resources that xCAT’s documents have', async () => {
    const done = await run(xcatCib, ...nodes);
    expect(done.out).toBe(`version: 1
nodes:
  mn1:
    address: 10.1.0.221
  mn2:
    address: 10.1.0.222
  wit1:
    address: 10.1.0.220
    role: witness
fencing:
  devices:
    bmc-mn1:
      agent: fence_ipmilan
      options:
        ip: 10.2.0.1
        username: admin
        password:
          file: /etc/hamn/secrets/bmc-mn1-password
        lanplus: "1"
  nodes:
    mn1:
      levels:
        - - bmc-mn1
groups:
  mn:
    vips:
      - address: 10.1.0.223/24
        interface: eth1
    postgres:
      version: 15
      mode: synchronous
    resources:
      drbd-r0:
        kind: drbd
        resource: r0
        device: /dev/drbd0
      install-fs:
        kind: mount
        source: /dev/drbd0
        target: /install
        type: ext4
        after:
          - drbd-r0
      link-hosts:
        kind: link
        path: /etc/hosts
        to: /install/hosts
      xcatd:
        kind: unit
        unit: xcatd.service
        startTimeout: 90s
        stopTimeout: 2min
        monitorTimeout: 30s
        monitorEvery: 60s
      dhcpd:
        kind: unit
        unit: isc-dhcp-server.service
        after:
          - xcatd
      named:
        kind: unit
        unit: named.service
        runs: all
`);
    expect(await validate(done.out)).toContain('mn1 and mn2 with data, wit1 as witness; group mn');
    expect(done.code).toBe(6);
    for (const line of [
      '<nvpair id="opt-stonith">: stonith-enabled=false is left out. Without the section `fencing`',
      '<nvpair id="opt-quorum">: no-quorum-policy=ignore is left out. A node that cannot be sure',
      '<primitive id="drbd-r0">: Its device /dev/drbd0 is taken from a mount; compare it with /etc/drbd.d.',
      '<rsc_location id="prefer-mn1">: hamn has no scores of places',
      '<rsc_order id="weak">: An order that is not mandatory (Optional)',
      '<nvpair id="stickiness">: resource-stickiness=100 is left out.',
      '<primitive id="pgsql">: Version and layout are taken from pgdata=/var/lib/postgresql/15/main.',
      '<primitive id="bmc-mn1">: password is a secret: write it into /etc/hamn/secrets/bmc-mn1-password',
      '<primitive id="dhcpd">: It is of class lsb; hamn will run the systemd unit isc-dhcp-server.service',
    ])
      expect(done.err).toContain(line);
    expect(done.err).not.toContain('hunter2');
    expect(done.err).not.toContain('drbd-first');
  });

  it('carries limits, intervals and failures, and orders of groups and sets', async () => {
    const done = await run(storageCib, ...nodes);
    expect(done.out.slice(done.out.indexOf('    vips:'))).toBe(`    vips:
      - address: 10.1.0.223/24
        interface: eth1
      - address: fd99::10/64
        interface: eth2
    resources:
      drbd:
        kind: drbd
        resource: install
        startTimeout: 240s
        promoteTimeout: 90s
        monitorTimeout: 20s
        monitorEvery: 29s
        restarts: 2
        restartWindow: 10min
        device: /dev/drbd/by-res/install/0
      lvm:
        kind: ocf
        agent: ocf:heartbeat:LVM-activate
        parameters:
          vgname: vg0
          vg_access_mode: system_id
        carries: true
        exclusive: true
        restarts: 2
        restartWindow: 10min
        after:
          - drbd
      fs:
        kind: mount
        source: UUID=5f1c
        target: /install
        type: xfs
        options:
          - noatime
          - nodiratime
        restarts: 2
        restartWindow: 10min
        after:
          - lvm
      vip-1:
        restarts: 0
        restartWindow: 10min
        after:
          - fs
      app:
        kind: ocf
        agent: ocf:local:app
        parameters:
          config: /etc/app
        monitorEvery: 15s
        depth: deep
        restarts: 2
        restartWindow: 10min
        after:
          - fs
      vip-x:
        kind: unit
        unit: tftp.socket
        restarts: 2
        restartWindow: 10min
        after:
          - app
      state:
        kind: ocf
        agent: ocf:local:state
        promotable: true
        promoteTimeout: 45s
        restarts: 2
        restartWindow: 10min
      vip-2:
        restarts: 2
        restartWindow: 10min
        after:
          - vip-x
`);
    for (const line of [
      '<primitive id="vip">: It is called vip-x here: its id is a word of hamn’s own',
      '<primitive id="app">: admin_password is a secret, and whoever reads etcd reads the settings',
      '<op id="app-reload">: hamn has no limit of reload here.',
      '<op id="app-m">: on-fail=block is left out',
      '<op id="ip4-stop">: hamn has its own limits and intervals for addresses and the database.',
      '<nvpair id="rd-t">: migration-threshold=3: so many failures moved it.',
      '<primitive id="ip4">: migration-threshold=1: so many failures moved it.',
      '<nvpair id="app-target-role">: It was kept stopped. hamn will start it with the role.',
      '<nvpair id="drbd-promoted-max">: promoted-max=2: hamn promotes it on one node',
      '<nvpair id="drbd-notify">: hamn tells agents nothing of what goes on elsewhere.',
      '<primitive id="lvm">: hamn takes it as storage that one node alone may have.',
      '<primitive id="ping">: ocf:pacemaker:ping serves pacemaker itself.',
      '<primitive id="old">: hamn has nothing for the class \'upstart\'.',
      '<rsc_order id="o3">: ping-clone is not among what was carried over.',
      '<rsc_order id="o4">: An order of stop has no meaning here: hamn stops in reverse.',
      '<rsc_order id="o5">: state runs on every node, and fs on the primary only',
    ])
      expect(done.err).toContain(line);
    expect(done.err).not.toContain('hunter2');
    expect(await validate(done.out)).toContain('is right');
  });

  it('asks for the addresses of the nodes', async () => {
    expect(await run(xcatCib)).toEqual({
      code: 2,
      out: '',
      err: 'A CIB does not say where its nodes are. Add --node mn1=ADDRESS --node mn2=ADDRESS.\n',
    });
  });

  it('leaves out an address rather than guess where it belongs', async () => {
    const ip = (pairs: string): string =>
      cib(
        `<primitive id="ip" class="ocf" provider="heartbeat" type="IPaddr2"><instance_attributes id="a"><nvpair id="i" name="ip" value="10.1.0.9"/>${pairs}</instance_attributes></primitive>`,
      );
    const bare = await run(ip(''), ...nodes);
    expect(bare.err).toContain(
      '<primitive id="ip">: The address is left out: its prefix length (`cidr_netmask`) is not in the CIB; its interface (`nic`) is not in the CIB: say --interface.',
    );
    const told = await run(
      ip('<nvpair id="m" name="cidr_netmask" value="255.255.252.0"/>'),
      ...nodes,
      '--interface',
      'eth0',
    );
    expect(told.out).toContain('- address: 10.1.0.9/22\n        interface: eth0');
    expect(told.err).toContain('Its interface is not in the CIB; eth0 is from --interface.');
  });

  it('makes a level of each device, and leaves out one whose plugs it cannot say', async () => {
    const device = (id: string, name: string, value: string): string =>
      `<primitive id="${id}" class="stonith" type="fence_apc"><instance_attributes id="${id}-a"><nvpair id="${id}-p" name="${name}" value="${value}"/></instance_attributes></primitive>`;
    const done = await run(
      cib(
        device('a', 'pcmk_host_list', 'mn1 mn2') +
          device('b', 'pcmk_host_map', 'mn1:3;mn2:4') +
          device('c', 'pcmk_host_map', 'mn1:5,6') +
          '<primitive id="d" class="stonith" type="external/ipmi"/>',
      ),
      ...nodes,
    );
    expect(done.out).toContain(
      'mn1:\n      levels:\n        - - a\n        - - device: b\n            plug: "3"\n    mn2:',
    );
    expect(done.err).toContain('<primitive id="c">: A node with several plugs');
    expect(done.err).toContain('<primitive id="d">: hamn uses fence agents (fence_…), not external/ipmi');
    expect(await validate(done.out)).toContain('is right');
  });

  it('names what is set elsewhere, or only at times', async () => {
    const done = await run(
      cib(
        '<primitive id="a" class="systemd" type="a"><meta_attributes id-ref="shared"/><utilization id="u"/><instance_attributes id="at-night"><rule id="r"/></instance_attributes></primitive>',
      ),
      ...nodes,
    );
    for (const line of [
      '<meta_attributes>: What shared says is not read here.',
      '<utilization id="u">: hamn’s settings have nothing like it.',
      '<instance_attributes id="at-night">: Its rule is left out',
    ])
      expect(done.err).toContain(line);
  });

  it('names sets, groups’ own settings and unknown sections', async () => {
    const done = await run(
      cib(
        '<group id="g"><meta_attributes id="gm"/><primitive id="a" class="systemd" type="a"/><primitive id="b" class="systemd" type="b"/></group><bundle id="bu"/>',
        '<rsc_order id="set" score="0"><resource_set id="s"><resource_ref id="a"/></resource_set></rsc_order><rsc_ticket id="t"/>',
      ).replace('</configuration>', '<alerts><alert id="al" path="/x"/></alerts></configuration>'),
      ...nodes,
    );
    expect(done.out).toContain(
      'b:\n        kind: unit\n        unit: b.service\n        after:\n          - a\n',
    );
    for (const place of [
      '<meta_attributes id="gm">',
      '<bundle id="bu">',
      '<rsc_order id="set">',
      '<rsc_ticket id="t">',
      '<alert id="al">',
    ])
      expect(done.err).toContain(`  ${place}: `);
  });

  it.each([
    ['malformed', '<cib><configuration></cib>', '/cib.xml:1:6: This is not well-formed XML: '],
    [
      'entities',
      '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>\n<cib/>',
      '/cib.xml:2:1: A document type is not accepted.',
    ],
    ['huge', `<cib>${' '.repeat(4_000_001)}</cib>`, 'more than 4000000 are not read'],
    ['deep', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`, 'more than 32 levels deep'],
    ['another file', '<html/>', '/cib.xml is no CIB: <html> has no <configuration>'],
    ['nothing', '', '/cib.xml'],
  ])('refuses what is %s', async (_, text, why) => {
    const told = await run(text, ...nodes);
    expect(told).toMatchObject({ code: 2, out: '' });
    expect(told.err).toContain(why);
  });
});
