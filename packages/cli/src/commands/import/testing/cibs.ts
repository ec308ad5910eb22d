/** A CIB with these resources and constraints. For tests. */
export const cib = (resources: string, constraints = '', before = ''): string => `<?xml version="1.0" ?>
<cib crm_feature_set="3.6" validate-with="pacemaker-3.2" epoch="7" num_updates="0" admin_epoch="0">
  <configuration>${before}
    <nodes><node id="1" uname="mn1"/><node id="2" uname="mn2"/></nodes>
    <resources>${resources}</resources>
    <constraints>${constraints}</constraints>
  </configuration>
  <status/>
</cib>
`;

const pairs = (id: string, values: Readonly<Record<string, string>>): string =>
  `<instance_attributes id="${id}-ia">${Object.entries(values)
    .map(([name, value]) => `<nvpair id="${id}-${name}" name="${name}" value="${value}"/>`)
    .join('')}</instance_attributes>`;

const ocf = (id: string, provider: string, type: string, values: Readonly<Record<string, string>>): string =>
  `<primitive id="${id}" class="ocf" provider="${provider}" type="${type}">${pairs(id, values)}</primitive>`;

/** The kinds of resources that xCAT's own documents have: DRBD, a file system, links, a VIP, PostgreSQL, xcatd, dhcpd, named. */
export const xcatCib: string = cib(
  [
    `<master id="ms-drbd">${ocf('drbd-r0', 'linbit', 'drbd', { drbd_resource: 'r0' })}</master>`,
    ocf('install-fs', 'heartbeat', 'Filesystem', {
      device: '/dev/drbd0',
      directory: '/install',
      fstype: 'ext4',
    }),
    ocf('link-hosts', 'heartbeat', 'symlink', { link: '/etc/hosts', target: '/install/hosts' }),
    ocf('vip', 'heartbeat', 'IPaddr2', { ip: '10.1.0.223', cidr_netmask: '24', nic: 'eth1' }),
    `<master id="ms-pgsql">${ocf('pgsql', 'heartbeat', 'pgsql', { pgdata: '/var/lib/postgresql/15/main', rep_mode: 'sync', node_list: 'mn1 mn2' })}</master>`,
    '<primitive id="xcatd" class="systemd" type="xcatd"><operations><op id="xcatd-start" name="start" interval="0" timeout="90"/><op id="xcatd-stop" name="stop" interval="0" timeout="2min"/><op id="xcatd-monitor" name="monitor" interval="60s" timeout="30s"/></operations></primitive>',
    '<primitive id="dhcpd" class="lsb" type="isc-dhcp-server"/>',
    '<clone id="named-clone"><primitive id="named" class="systemd" type="named"/></clone>',
    `<primitive id="bmc-mn1" class="stonith" type="fence_ipmilan">${pairs('bmc-mn1', { pcmk_host_list: 'mn1', ip: '10.2.0.1', username: 'admin', password: 'hunter2', lanplus: '1' })}</primitive>`,
  ].join(''),
  [
    '<rsc_order id="drbd-first" first="ms-drbd" first-action="promote" then="install-fs" then-action="start"/>',
    '<rsc_order id="vip-xcatd" first="vip" then="xcatd" kind="Mandatory"/>',
    '<rsc_order id="pg-xcatd" first="ms-pgsql" first-action="promote" then="xcatd" score="INFINITY"/>',
    '<rsc_order id="xcatd-dhcpd" first="xcatd" then="dhcpd"/>',
    '<rsc_order id="weak" first="xcatd" then="dhcpd" kind="Optional"/>',
    '<rsc_colocation id="together" rsc="xcatd" with-rsc="vip" score="INFINITY"/>',
    '<rsc_location id="prefer-mn1" rsc="vip" node="mn1" score="50"/>',
  ].join(''),
  '<crm_config><cluster_property_set id="opts"><nvpair id="opt-stonith" name="stonith-enabled" value="false"/><nvpair id="opt-quorum" name="no-quorum-policy" value="ignore"/></cluster_property_set></crm_config><rsc_defaults><meta_attributes id="rd"><nvpair id="stickiness" name="resource-stickiness" value="100"/></meta_attributes></rsc_defaults>',
);

const op = (id: string, name: string, more: string): string => `<op id="${id}" name="${name}" ${more}/>`;
const meta = (id: string, values: Readonly<Record<string, string>>): string =>
  pairs(id, values).replaceAll('instance_attributes', 'meta_attributes');
const primitive = (id: string, type: string, ...parts: readonly string[]): string => {
  const [kind = '', provider, agent] = type.split(':');
  const by = agent === undefined ? `type="${provider}"` : `provider="${provider}" type="${agent}"`;
  return `<primitive id="${id}" class="${kind}" ${by}>${parts.join('')}</primitive>`;
};
const operations = (...all: readonly string[]): string => `<operations>${all.join('')}</operations>`;

/** Storage below addresses and services, with limits, thresholds, sets and what hamn has no word for. */
export const storageCib: string = cib(
  [
    `<clone id="drbd-clone">${meta('drbd', { promotable: 'true', 'promoted-max': '2', notify: 'true' })}${primitive(
      'drbd',
      'ocf:linbit:drbd',
      pairs('d', { drbd_resource: 'install' }),
      operations(
        op('drbd-start', 'start', 'interval="0s" timeout="240"'),
        op('drbd-promote', 'promote', 'interval="0s" timeout="90"'),
        op('drbd-m1', 'monitor', 'interval="31s" timeout="20s" role="Unpromoted"'),
        op('drbd-m2', 'monitor', 'interval="29s" timeout="15s" role="Promoted"'),
      ),
    )}</clone>`,
    `<group id="storage">${primitive('lvm', 'ocf:heartbeat:LVM-activate', pairs('l', { vgname: 'vg0', vg_access_mode: 'system_id' }))}${primitive('fs', 'ocf:heartbeat:Filesystem', pairs('f', { device: '-U 5f1c', directory: '/install/', fstype: 'xfs', options: 'noatime,nodiratime' }))}</group>`,
    primitive(
      'ip4',
      'ocf:heartbeat:IPaddr2',
      pairs('ip4', { ip: '10.1.0.223', cidr_netmask: '24', nic: 'eth1' }),
      meta('ip4-meta', { 'migration-threshold': '1' }),
      operations(op('ip4-stop', 'stop', 'interval="0s" timeout="20s"')),
    ),
    primitive(
      'app',
      'ocf:local:app',
      pairs('a', { config: '/etc/app', admin_password: 'hunter2' }),
      meta('app', { 'target-role': 'Stopped' }),
      `<operations><op id="app-m" name="monitor" interval="15" on-fail="block">${pairs('lvl', { OCF_CHECK_LEVEL: '10' })}</op>${op('app-reload', 'reload', 'timeout="10"')}</operations>`,
    ),
    primitive('vip', 'systemd:tftp.socket'),
    `<clone id="state-clone">${meta('sc', { promotable: 'true' })}${primitive('state', 'ocf:local:state', operations(op('s-p', 'promote', 'timeout="45"')))}</clone>`,
    primitive(
      'ip6',
      'ocf:heartbeat:IPv6addr',
      pairs('ip6', { ipv6addr: 'fd99::10', cidr_netmask: '64', nic: 'eth2' }),
    ),
    `<clone id="ping-clone">${primitive('ping', 'ocf:pacemaker:ping')}</clone>`,
    primitive('old', 'upstart:job'),
  ].join(''),
  [
    '<rsc_order id="o1" first="drbd-clone" first-action="promote" then="storage" then-action="start"/>',
    '<rsc_order id="o2"><resource_set id="o2-1"><resource_ref id="storage"/></resource_set><resource_set id="o2-2" sequential="false"><resource_ref id="ip4"/><resource_ref id="app"/></resource_set></rsc_order>',
    '<rsc_order id="o2b"><resource_set id="o2b-1"><resource_ref id="app"/><resource_ref id="vip"/><resource_ref id="ip6"/></resource_set></rsc_order>',
    '<rsc_order id="o3" first="ping-clone" then="ip4"/>',
    '<rsc_order id="o4" first="fs" first-action="stop" then="app" then-action="stop"/>',
    '<rsc_order id="o5" first="fs" then="state-clone"/>',
    '<rsc_colocation id="c1"><resource_set id="c1-1"><resource_ref id="ip4"/></resource_set></rsc_colocation>',
  ].join(''),
  '<rsc_defaults><meta_attributes id="rd"><nvpair id="rd-t" name="migration-threshold" value="3"/><nvpair id="rd-f" name="failure-timeout" value="10min"/></meta_attributes></rsc_defaults>',
);
