import { type ResourceSettings, resourceGraph, unitsOf } from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { readClusterSettings } from './cluster-settings.ts';
import { but, good, warningsOf } from './testing/good-cluster.ts';
import { hostFamilies, xcatPreset } from './xcat-preset.ts';

const resourcesIn = (text: string): readonly ResourceSettings[] => {
  const read = readClusterSettings(text, 'cluster.yaml');
  if (!read.ok) throw new Error(read.error.message);
  return read.value.groups.get('mn')?.resources ?? [];
};
const named = (text: string, name: string): ResourceSettings | undefined =>
  resourcesIn(text).find((resource) => resource.name === name);

const services = good.slice(good.indexOf('    services:'));
const instead = (...lines: readonly string[]): string =>
  but(services, lines.map((line) => `    ${line}\n`).join(''));
const preset = (family: string, ...lines: readonly string[]): string =>
  instead('preset: xcat', ...(family === '' ? [] : [`family: ${family}`]), ...lines);

describe('resources', () => {
  it('are made of VIPs, database and services where nothing else is written', () => {
    expect(resourcesIn(good).map(({ name, what, runs }) => `${name} ${what.kind} ${runs}`)).toEqual([
      'vip vip primary',
      'postgres postgres all',
      'xcatd unit primary',
      'dhcpd unit primary',
    ]);
    expect(named(good, 'dhcpd')).toMatchObject({
      what: { kind: 'unit', unit: 'isc-dhcp-server.service' },
      after: ['xcatd'],
      limits: { startMs: 500, stopMs: 30_000 },
      failure: { restarts: 3, windowMs: 300_000, outcome: 'degrade' },
    });
    expect(named(good, 'postgres')?.limits).toMatchObject({ startMs: 60_000, promoteMs: 30_000 });
    expect(warningsOf(good)).toBe('');
  });

  it('number several VIPs, and `vip` means all of them', () => {
    const text = but(
      '    postgres:',
      '      - {address: 10.1.0.11/24, interface: eth1}\n    postgres:',
    ).replace(services, '    resources: {named: {kind: unit, runs: all, after: [vip]}}\n');
    expect(named(text, 'named')?.after).toEqual(['vip-1', 'vip-2']);
  });

  it('change what is given by name', () => {
    const text = instead(
      'resources:',
      '  postgres: {onFailure: degrade, monitorEvery: 5s}',
      '  vip: {stopTimeout: 1s}',
    );
    expect(named(text, 'postgres')).toMatchObject({
      failure: { outcome: 'degrade' },
      monitor: { intervalMs: 5000, depth: 'deep' },
    });
    expect(named(text, 'vip')?.limits.stopMs).toBe(1000);
  });

  it('of each kind are read', () => {
    const text = instead(
      'resources:',
      '  r0: {kind: drbd, device: /dev/drbd0}',
      '  data: {kind: mount, source: /dev/drbd0, target: /data, type: xfs, options: [noatime]}',
      '  etc-xcat: {kind: link, path: /etc/xcat, to: /data/etc-xcat}',
      '  keys: {kind: sync, paths: [/root/.ssh]}',
      '  xcatd: {kind: unit, ports: [tcp/3001], probe: [/bin/true]}',
      '  dns: {kind: job, command: [/bin/sleep, 1]}',
      '  mark: {kind: exec, start: [/bin/true], stop: [/bin/true], monitor: [/bin/true]}',
      '  fs: {kind: ocf, agent: "ocf:heartbeat:Dummy", parameters: {delay: 3}, promotable: true}',
    );
    const graph = resourceGraph(resourcesIn(text));
    if (!graph.ok) throw new Error(graph.error.message);
    expect(graph.value.nodes.map(({ depth, settings }) => `${depth} ${settings.name}`)).toMatchSnapshot();
    expect(resourcesIn(text).map(({ what }) => what)).toMatchSnapshot();
    expect(warningsOf(text)).toMatchSnapshot();
  });

  it('of the preset fit together in every family, whatever line is removed', () => {
    for (const family of ['', ...hostFamilies]) {
      const graph = resourceGraph(resourcesIn(preset(family)));
      if (!graph.ok) throw new Error(graph.error.message);
      expect(
        graph.value.nodes.map(({ depth, settings: { name, what, runs }, after }) =>
          [
            depth,
            name,
            what.kind === 'unit' ? unitsOf(what).join('|') : what.kind,
            runs,
            after.join(','),
          ].join(' '),
        ),
      ).toMatchSnapshot(family);
      for (const name of Object.keys(xcatPreset())) {
        const names = resourcesIn(preset(family, `resources: {${name}: {remove: true}}`)).map(
          (one) => one.name,
        );
        expect(names).not.toContain(name);
        expect(names.length).toBe(Object.keys(xcatPreset()).length + 1);
      }
    }
  });

  it('of the preset can be changed line by line, or replaced by another kind', () => {
    const text = preset(
      'rhel',
      'resources:',
      '  dhcpd: {unit: kea-dhcp4.service, restarts: 0}',
      '  tftp: {kind: exec, start: [/bin/true], stop: [/bin/true], monitor: [/bin/true]}',
    );
    expect(named(text, 'dhcpd')).toMatchObject({
      what: { kind: 'unit', unit: 'kea-dhcp4.service' },
      after: ['xcatd'],
      failure: { restarts: 0 },
    });
    expect(named(text, 'tftp')?.what.kind).toBe('exec');
  });

  it('have several names where nodes may differ, and one where the admin says it', () => {
    expect(named(preset(''), 'dhcpd')?.what).toEqual({
      kind: 'unit',
      unit: 'isc-dhcp-server.service',
      alternatives: ['dhcpd.service', 'kea-dhcp4-server.service', 'kea-dhcp4.service'],
      ports: ['udp/67'],
      probe: undefined,
    });
    expect(named(preset('', 'resources: {dhcpd: {unit: dhcpd.service}}'), 'dhcpd')?.what).toEqual({
      kind: 'unit',
      unit: 'dhcpd.service',
      ports: ['udp/67'],
      probe: undefined,
    });
  });

  it('ask at the VIPs where nothing else is said', () => {
    expect(named(preset(''), 'named')?.what).toMatchObject({ ask: 'dns', askAt: ['10.1.0.10'] });
    const login = 'login: {kind: vip, address: 10.2.0.10/24, interface: eth2, onFailure: degrade}';
    expect(named(preset('', `resources: {${login}}`), 'named')?.what).toMatchObject({ askAt: ['10.1.0.10'] });
    const told = preset('', 'resources: {named: {askAt: [10.1.0.1]}}');
    expect(named(told, 'named')?.what).toMatchObject({ ask: 'dns', askAt: ['10.1.0.1'] });
  });

  it('choose a job’s command by the unit of another resource, in its order', () => {
    expect(named(preset('rhel'), 'makeconsoles')?.what).toEqual({
      kind: 'job',
      command: [],
      unitOf: 'console',
      byUnit: [
        { unit: 'goconserver.service', command: ['/opt/xcat/sbin/makegocons'] },
        { unit: 'conserver.service', command: ['/opt/xcat/sbin/makeconservercf'] },
      ],
    });
    const forced = preset('', 'resources: {console: {unit: conserver.service}}');
    expect(named(forced, 'makeconsoles')?.what).toMatchObject({ byUnit: [{ unit: 'conserver.service' }] });
    const own = preset('', 'resources: {makeconsoles: {command: [/bin/true]}}');
    expect(named(own, 'makeconsoles')?.what).toEqual({ kind: 'job', command: ['/bin/true'] });
    const strange = preset('', 'resources: {console: {unit: mine.service}}');
    expect(warningsOf(strange)).toContain(
      "'makeconsoles' has no command for mine.service, which 'console' may be",
    );
  });
});
