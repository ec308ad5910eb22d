import { profiles } from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { groupSettings, readClusterSettings } from './cluster-settings.ts';
import { formatErrors } from './issues.ts';

const good = `version: 1
profile: default
nodes:
  mn1: {address: 10.1.0.221}
  mn2: {address: 10.1.0.222}
  wit1: {address: 10.1.0.223, role: witness}
groups:
  mn:
    vips:
      - {address: 10.1.0.10/24, interface: eth0}
    postgres: {version: 15}
    services:
      - {name: xcatd}
      - {name: dhcpd, unit: isc-dhcp-server.service, after: [xcatd], startTimeout: 500ms}
`;

/** The good text with one thing changed. */
const but = (from: string, to: string): string => {
  expect(good).toContain(from);
  return good.replace(from, to);
};

const errorsOf = (text: string): string => {
  const read = readClusterSettings(text, 'cluster.yaml');
  return read.ok ? 'it was accepted' : read.error.message;
};

const warningsOf = (text: string): string => {
  const read = readClusterSettings(text, 'cluster.yaml');
  return read.ok ? formatErrors('cluster.yaml', read.warnings) : read.error.message;
};

describe('good settings', () => {
  it('fill in every default', () => {
    const read = readClusterSettings(good, 'cluster.yaml');
    if (!read.ok) throw new Error(read.error.message);
    expect(read.warnings).toEqual([]);
    expect(groupSettings(read.value, 'lab', 'other')).toBeUndefined();
    expect(groupSettings(read.value, 'lab', 'mn')).toEqual({
      cluster: 'lab',
      group: 'mn',
      timings: profiles.default,
      failover: 'automatic',
      nodes: [
        { name: 'mn1', address: '10.1.0.221', role: 'data', priority: 100, apiPort: 7443 },
        { name: 'mn2', address: '10.1.0.222', role: 'data', priority: 100, apiPort: 7443 },
        { name: 'wit1', address: '10.1.0.223', role: 'witness', priority: 100, apiPort: 7443 },
      ],
      vips: [{ address: '10.1.0.10', prefixLength: 24, interface: 'eth0' }],
      postgres: {
        mode: 'synchronous',
        maxLagBytes: 16 * 1024 * 1024,
        unit: 'postgresql@15-main.service',
        dataDirectory: '/var/lib/postgresql/15/main',
        includeDirectory: '/etc/postgresql/15/main/conf.d',
        binDirectory: '/usr/lib/postgresql/15/bin',
        port: 5432,
        user: 'hamn',
        passwordFile: '/etc/hamn/postgres.password',
        osUser: 'postgres',
        startTimeoutMs: 60_000,
        stopTimeoutMs: 30_000,
        promoteTimeoutMs: 30_000,
        restarts: 3,
        restartWindowMs: 300_000,
      },
      services: [
        {
          name: 'xcatd',
          unit: 'xcatd.service',
          after: [],
          startTimeoutMs: 30_000,
          stopTimeoutMs: 30_000,
          restarts: 3,
          restartWindowMs: 300_000,
          onFailure: 'degrade',
        },
        {
          name: 'dhcpd',
          unit: 'isc-dhcp-server.service',
          after: ['xcatd'],
          startTimeoutMs: 500,
          stopTimeoutMs: 30_000,
          restarts: 3,
          restartWindowMs: 300_000,
          onFailure: 'degrade',
        },
      ],
    });
  });

  it('take a profile, single timings, and the least margin of another T', () => {
    const fast = readClusterSettings(but('profile: default', 'profile: fast'), 'c');
    expect(fast.ok && fast.value.timings).toEqual(profiles.fast);
    const own = readClusterSettings(but('profile: default', 'timings: {termMs: 5000}'), 'c');
    expect(own.ok && own.value.timings).toEqual({
      termMs: 5000,
      intervalMs: 600,
      requestMs: 500,
      marginMs: 1090,
    });
  });

  it('write addresses as the kernel does', () => {
    const read = readClusterSettings(
      good.replaceAll('10.1.0.22', 'FD99:0:0::22').replace('10.1.0.10/24', 'FD99::0:10/64'),
      'c',
    );
    expect(read.ok && read.value.nodes[0]?.address).toBe('fd99::221');
    expect(read.ok && read.value.groups.get('mn')?.vips[0]?.address).toBe('fd99::10');
  });

  it('accept a VIP of another network when its subnet is said', () => {
    expect(warningsOf(but('10.1.0.10/24,', '192.0.2.7/24, subnet: 192.0.2.0/24,'))).toBe('');
  });

  it('accept an IPv6 VIP beside IPv4 nodes', () => {
    expect(warningsOf(but('10.1.0.10/24', 'fd99::10/64'))).toBe('');
  });

  it('accept a database without version when every place is given', () => {
    const layout =
      'unit: pg.service, dataDirectory: /d, includeDirectory: /i, binDirectory: /b, maxLagBytes: 5';
    expect(warningsOf(but('{version: 15}', `{${layout}}`))).toBe('');
  });
});

describe('bad settings', () => {
  const cases: readonly (readonly [what: string, text: string, error: string])[] = [
    [
      'an unknown key at the top',
      but('profile:', 'profil:'),
      "cluster.yaml:2:1 profil: There is no setting 'profil' here. Did you mean 'profile'? Legal are: version, profile, timings, nodes, groups.",
    ],
    [
      'an unknown key in a VIP',
      but('interface:', 'inteface:'),
      "cluster.yaml:10:9 groups.mn.vips[0].interface: 'interface' is missing. It is the network interface that carries the VIP, such as eth0.\n" +
        "cluster.yaml:10:33 groups.mn.vips[0].inteface: There is no setting 'inteface' here. Did you mean 'interface'? Legal are: address, interface, subnet.",
    ],
    [
      'an unknown key of a database',
      but('{version: 15}', '{version: 15, max_lag_bytes: 5}'),
      "cluster.yaml:11:29 groups.mn.postgres.max_lag_bytes: There is no setting 'max_lag_bytes' here. Did you mean 'maxLagBytes'? Legal are: version, instance, mode, maxLagBytes, unit, dataDirectory, includeDirectory, binDirectory, port, user, passwordFile, osUser, startTimeout, stopTimeout, promoteTimeout, restarts, restartWindow.",
    ],
    [
      'a VIP outside the subnet of the nodes',
      but('10.1.0.10/24', '10.2.0.10/24'),
      "cluster.yaml:10:19 groups.mn.vips[0].address: The VIP's network 10.2.0.0/24 does not contain mn1 (10.1.0.221) and mn2 (10.1.0.222). Correct the address or its prefix length; if the VIP belongs to another network of these nodes, say which with `subnet: ADDRESS/LENGTH`.",
    ],
    [
      'a VIP outside its own subnet',
      but('10.1.0.10/24,', '192.0.3.7/24, subnet: 192.0.2.0/24,'),
      'cluster.yaml:10:19 groups.mn.vips[0].address: The VIP 192.0.3.7 is outside its subnet 192.0.2.0/24. Correct the address, its prefix length, or subnet.',
    ],
    [
      'a VIP without prefix length',
      but('10.1.0.10/24', '10.1.0.10'),
      "cluster.yaml:10:19 groups.mn.vips[0].address: '10.1.0.10' is not legal here. It must be an address with its prefix length, such as 10.1.0.223/24 or fd99::10/64.",
    ],
    [
      'a VIP that is a node',
      but('10.1.0.10/24', '10.1.0.222/24'),
      'cluster.yaml:10:19 groups.mn.vips[0].address: 10.1.0.222 is the address of node mn2. A VIP must be an address that no machine owns.',
    ],
    [
      'a VIP that is a network',
      but('10.1.0.10/24', '10.1.0.0/24'),
      "cluster.yaml:10:19 groups.mn.vips[0].address: 10.1.0.0 is the network address of 10.1.0.0/24, not a host's. Write the VIP itself, with the prefix length of its network.",
    ],
    [
      'a VIP that is a broadcast address',
      but('10.1.0.10/24', '10.1.0.255/24'),
      "cluster.yaml:10:19 groups.mn.vips[0].address: 10.1.0.255 is the broadcast address of 10.1.0.0/24, not a host's. Write the VIP itself, with the prefix length of its network.",
    ],
    [
      'a multicast VIP',
      but('10.1.0.10/24', '224.0.0.1/24'),
      'cluster.yaml:10:19 groups.mn.vips[0].address: A VIP cannot be 224.0.0.1: it is a multicast address.',
    ],
    [
      'one VIP twice, written differently',
      but(
        '      - {address: 10.1.0.10/24, interface: eth0}\n',
        '      - {address: fd99::10/64, interface: eth0}\n      - {address: "FD99:0::10/64", interface: eth1}\n',
      ),
      'cluster.yaml:11:19 groups.mn.vips[1].address: The VIP fd99::10 stands here for the second time (first in group mn). Remove one.',
    ],
    [
      'the name of an interface that cannot be',
      but('eth0', 'management-network0'),
      "cluster.yaml:10:44 groups.mn.vips[0].interface: 'management-network0' is not legal here. The name of an interface has 1 to 15 characters and no space, '/' or ':'.",
    ],
    [
      'timings whose sum does not fit',
      but('profile: default', 'profile: fast\ntimings: {requestMs: 400}'),
      'cluster.yaml:3:1 timings: The timings do not fit: 2 x requestMs 400 + intervalMs 200 + marginMs 410 = 1410 ms, which must be below termMs 1000. Raise termMs, or lower requestMs or intervalMs.',
    ],
    [
      'a margin that is too small',
      but('profile: default', 'timings: {marginMs: 100}'),
      'cluster.yaml:2:1 timings: timings.marginMs is 100, but a term of 3000 ms needs at least 750 ms (drift 0.17 x 3000 + demotion 200 + granularity 40).',
    ],
    [
      'a timing that is no number',
      but('profile: default', 'timings: {termMs: 3s}'),
      "cluster.yaml:2:19 timings.termMs: '3s' is not legal here. It must be a number of milliseconds above 0.",
    ],
    [
      'a profile that does not exist',
      but('profile: default', 'profile: fsat'),
      "cluster.yaml:2:10 profile: 'fsat' is not legal here; use fast, default or patient. Did you mean 'fast'?",
    ],
    [
      'a circle of services',
      but('{name: xcatd}', '{name: xcatd, after: [dhcpd]}'),
      "cluster.yaml:13:23 groups.mn.services[0].after: These services wait for each other for ever: xcatd -> dhcpd -> xcatd ('->' reads 'starts after'). Remove one of these.",
    ],
    [
      'a service that waits for itself',
      but('{name: xcatd}', '{name: xcatd, after: [xcatd]}'),
      "cluster.yaml:13:23 groups.mn.services[0].after: These services wait for each other for ever: xcatd -> xcatd ('->' reads 'starts after'). Remove one of these.",
    ],
    [
      'an unknown service',
      but('after: [xcatd]', 'after: [xcat]'),
      "cluster.yaml:14:62 groups.mn.services[1].after[0]: There is no service 'xcat' in this group. Did you mean 'xcatd'?",
    ],
    [
      'a service after the database',
      but('after: [xcatd]', 'after: [postgres]'),
      "cluster.yaml:14:62 groups.mn.services[1].after[0]: 'postgres' always comes before every service. Remove it here.",
    ],
    [
      'one service twice',
      but('{name: dhcpd,', '{name: xcatd,'),
      "cluster.yaml:14:16 groups.mn.services[1].name: There are two services called 'xcatd'. Rename one of them.",
    ],
    [
      'one unit twice',
      but('isc-dhcp-server.service', 'xcatd.service'),
      "cluster.yaml:14:29 groups.mn.services[1].unit: The unit xcatd.service belongs to 'xcatd' already. Two names for one unit would start and stop it twice.",
    ],
    [
      'a unit without its kind',
      but('isc-dhcp-server.service', 'isc-dhcp-server'),
      "cluster.yaml:14:29 groups.mn.services[1].unit: 'isc-dhcp-server' is not legal here. It must be the full name of a systemd service, such as isc-dhcp-server.service.",
    ],
    [
      'a length of time without unit',
      but('500ms', '500'),
      "cluster.yaml:14:84 groups.mn.services[1].startTimeout: '500' is not legal here. It must be a length of time with its unit, such as 500ms, 30s, 5min or 1h.",
    ],
    [
      'a length of time of nothing',
      but('500ms', '0s'),
      "cluster.yaml:14:84 groups.mn.services[1].startTimeout: '0s' is not legal here. It must be longer than nothing and at most 24h.",
    ],
    [
      'one address for two nodes',
      but('10.1.0.222', '10.1.0.221'),
      "cluster.yaml:5:18 nodes.mn2.address: '10.1.0.221' is the address of mn1 already. Give each node its own.",
    ],
    [
      'names that are alike',
      but('  mn2:', '  MN1:'),
      'cluster.yaml:5:3 nodes.MN1: The names mn1 and MN1 differ only in case or punctuation and would share a replication slot. Rename one.',
    ],
    [
      'one name twice',
      but('  mn2:', '  mn1:'),
      'cluster.yaml:5:3: This key stands here for the second time in its map. Remove one of the two.',
    ],
    [
      'a name with a slash',
      but('  mn2:', '  mn/2:'),
      'cluster.yaml:5:3 nodes["mn/2"]: The name \'mn/2\' is not legal. A name has letters, digits, dots, hyphens and underscores, begins and ends with a letter or digit, and has at most 63 characters.',
    ],
    [
      'a host name for an address',
      but('10.1.0.222', 'mn2.cluster'),
      "cluster.yaml:5:18 nodes.mn2.address: 'mn2.cluster' is not legal here. It must be an IPv4 or IPv6 address, such as 10.1.0.221 or fd99::11, not a host name.",
    ],
    [
      'an octal address',
      but('10.1.0.222', '010.1.0.222'),
      "cluster.yaml:5:18 nodes.mn2.address: '010.1.0.222' is not legal here. It must be an IPv4 or IPv6 address, such as 10.1.0.221 or fd99::11, not a host name.",
    ],
    [
      'an address with prefix length for a node',
      but('10.1.0.222', '10.1.0.222/24'),
      "cluster.yaml:5:18 nodes.mn2.address: '10.1.0.222/24' is not legal here. A node is reached by its address alone: write it without the prefix length.",
    ],
    [
      'no address',
      but('  mn2: {address: 10.1.0.222}', '  mn2: {}'),
      "cluster.yaml:5:3 nodes.mn2.address: 'address' is missing. It is how the other nodes reach this one: an address, never a VIP.",
    ],
    [
      'no data node',
      good.replaceAll('21}', '21, role: witness}').replaceAll('22}', '22, role: witness}'),
      'cluster.yaml:3:1 nodes: No node has `role: data`: nobody could ever lead. Name at least one.',
    ],
    [
      'a priority out of range',
      but('{address: 10.1.0.221}', '{address: 10.1.0.221, priority: -1}'),
      "cluster.yaml:4:40 nodes.mn1.priority: '-1' is not legal here. It must be a whole number from 0 (never leads) to 1000.",
    ],
    [
      'nobody who may lead',
      good.replaceAll('21}', '21, priority: 0}').replaceAll('22}', '22, priority: 0}'),
      'cluster.yaml:3:1 nodes: Every data node has `priority: 0`: nobody could ever lead. Raise one of them.',
    ],
    [
      'strict with one data node',
      but('10.1.0.222}', '10.1.0.222, role: witness}').replace(
        '{version: 15}',
        '{version: 15, mode: strict}',
      ),
      'cluster.yaml:11:35 groups.mn.postgres.mode: With one data node, mode strict could never write: no standby would acknowledge. Add a data node, or use synchronous.',
    ],
    [
      'a database without version',
      but('{version: 15}', '{mode: strict}'),
      "cluster.yaml:11:5 groups.mn.postgres: A map is not legal here. Say which PostgreSQL it is: `version: 15` (everything follows in Debian's layout), or unit, dataDirectory, includeDirectory and binDirectory.",
    ],
    [
      'a database that is too old',
      but('{version: 15}', '{version: 12}'),
      "cluster.yaml:11:25 groups.mn.postgres.version: '12' is not legal here. PostgreSQL 13 is the oldest that hamn runs with.",
    ],
    [
      'one port for two',
      but('{version: 15}', '{version: 15, port: 7443}'),
      'cluster.yaml:11:35 groups.mn.postgres.port: Port 7443 is the API port of mn1 as well. Change one of the two.\n' +
        'cluster.yaml:11:35 groups.mn.postgres.port: Port 7443 is the API port of mn2 as well. Change one of the two.',
    ],
    [
      'a map where a list belongs',
      but('      - {address: 10.1.0.10/24, interface: eth0}', '      address: 10.1.0.10/24'),
      "cluster.yaml:9:5 groups.mn.vips: A map is not legal here. It must be a list ('- value' lines).",
    ],
    [
      'another version',
      but('version: 1\n', 'version: 2\n'),
      "cluster.yaml:1:10 version: '2' is not legal here; use 1.",
    ],
    [
      'no version',
      but('version: 1\n', ''),
      "cluster.yaml:1:1 version: 'version' is missing. It is the version of this format: write `version: 1`.",
    ],
    ['nothing', '', 'cluster.yaml:1:1: The file is empty: nothing is set.'],
    [
      'a list',
      '- a\n',
      "cluster.yaml:1:1: The file must be a map of settings ('name: value' lines) at its top.",
    ],
    [
      'a second document',
      `${good}---\na: 1\n`,
      'cluster.yaml:15:1: There is a second YAML document (---) in this file. Only one is allowed.',
    ],
    [
      'a half-written file',
      good.slice(0, good.indexOf('10/24')),
      'cluster.yaml:10:26: This is not YAML: Flow map in block collection must be sufficiently indented and end with a }.',
    ],
  ];
  it.each(cases)('%s', (_what, text, error) => {
    expect(errorsOf(text)).toBe(error);
  });

  it('are all told at once, in the order of the text', () => {
    const read = readClusterSettings(but('profile: default', 'profile: x').replace('eth0', 'a/b'), 'c.yaml');
    expect(read.ok ? [] : read.error.issues.map((issue) => issue.line)).toEqual([2, 10]);
  });

  it('carry the value and what is legal', () => {
    const read = readClusterSettings(but('profile: default', 'profile: x'), 'c.yaml');
    expect(read.ok ? undefined : read.error.issues[0]).toMatchObject({
      path: ['profile'],
      value: 'x',
      legal: ['fast', 'default', 'patient'],
    });
  });
});

describe('doubtful settings', () => {
  it.each([
    [
      'two votes',
      but('  wit1: {address: 10.1.0.223, role: witness}\n', ''),
      'cluster.yaml:3:1 nodes: Warning: There are 2 nodes. etcd needs 3 votes to survive the loss of one; add a node with `role: witness`, or run etcd on three machines of your own.',
    ],
    [
      'one data node',
      but('10.1.0.222}', '10.1.0.222, role: witness}'),
      'cluster.yaml:11:15 groups.mn.postgres.mode: Warning: With one data node there is no standby: every write is on one machine only.',
    ],
    [
      'a loopback address',
      but('10.1.0.223', '127.0.0.1'),
      "cluster.yaml:6:19 nodes.wit1.address: Warning: '127.0.0.1' is a loopback address; other machines cannot reach wit1 there. Write the address that they use.",
    ],
  ])('%s', (_what, text, warning) => {
    expect(warningsOf(text)).toBe(warning);
  });
});
