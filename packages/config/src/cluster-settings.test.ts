import { profiles } from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { groupSettings, readClusterSettings } from './cluster-settings.ts';
import { but, good, warningsOf } from './testing/good-cluster.ts';

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
        keepDivergedMs: 604_800_000,
        restarts: 3,
        restartWindowMs: 300_000,
        handover: { maxLagBytes: 1_048_576, catchUpMs: 30_000, stopMs: 10_000 },
        slotAbsenceMs: 86_400_000,
        slotFreeBytes: 1_073_741_824,
        onCrash: 'faster',
        storageTimeoutMs: 10_000,
      },
      // See resource-settings.test.ts.
      resources: expect.any(Array),
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
      observeMs: 250,
    });
  });

  it('never make a longer T illegal by a limit that nobody set', () => {
    const own = readClusterSettings(but('profile: default', 'timings: {termMs: 20000}'), 'c');
    expect(own.ok && own.value.timings).toMatchObject({ termMs: 20_000, intervalMs: 600, observeMs: 600 });
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
