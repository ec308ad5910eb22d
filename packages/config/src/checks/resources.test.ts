import { describe, expect, it } from 'vitest';
import { but, errorsOf } from '../testing/good-cluster.ts';

/** The good settings with resources beside or in place of the services. */
const services = `    services:
      - {name: xcatd}
      - {name: dhcpd, unit: isc-dhcp-server.service, after: [xcatd], startTimeout: 500ms}
`;
const withResources = (...lines: readonly string[]): string =>
  but(services, lines.map((line) => `    ${line}\n`).join(''));
const resources = (...lines: readonly string[]): string =>
  withResources('resources:', ...lines.map((line) => `  ${line}`));
const preset = (...lines: readonly string[]): string =>
  withResources('preset: xcat', 'resources:', ...lines.map((line) => `  ${line}`));

describe('bad settings: resources', () => {
  it.each([
    ['a name that says nothing', resources('xcatd: {}')],
    ['a kind that does not exist', resources('xcatd: {kind: unti}')],
    ['a setting that does not exist', resources('xcatd: {kind: unit, strat: [/bin/true]}')],
    ['a setting of another kind', resources('xcatd: {kind: unit, target: /install}')],
    [
      'a setting that its kind needs',
      resources('install: {kind: mount, source: "nas:/install", type: nfs4}'),
    ],
    ['an unknown name in after', resources('xcatd: {kind: unit}', 'dhcpd: {kind: unit, after: [xcat]}')],
    [
      'a circle',
      resources('a: {kind: unit, after: [b]}', 'b: {kind: unit, after: [c]}', 'c: {kind: unit, after: [a]}'),
    ],
    ['what never meets', resources('a: {kind: unit, runs: standby}', 'b: {kind: unit, after: [a]}')],
    [
      'a database on a mount that only the primary has',
      resources('pg: {kind: mount, source: /dev/sdb1, target: /var/lib/postgresql, type: xfs}'),
    ],
    [
      'a mount on what the node stands on',
      resources('usr: {kind: mount, source: /dev/sdb1, target: /usr/, type: xfs}'),
    ],
    [
      'a database on a share that every node has',
      resources('pg: {kind: mount, source: "nas:/pg", target: /var/lib/postgresql, type: nfs4, runs: all}'),
    ],
    [
      'one unit twice',
      resources('a: {kind: unit, unit: xcatd.service}', 'b: {kind: unit, unit: xcatd.service}'),
    ],
    ['the unit of the database', resources('db: {kind: unit, unit: postgresql@15-main.service}')],
    ['the address of a VIP', resources('login: {kind: vip, address: 10.1.0.10/24, interface: eth1}')],
    ['a second database', resources('db: {kind: postgres}')],
    [
      'a database that the group does not have',
      resources('postgres: {kind: postgres}').replace('    postgres: {version: 15}\n', ''),
    ],
    [
      'a job that is worth a failover',
      resources('dns: {kind: job, command: [/bin/true], onFailure: failover}'),
    ],
    ['a job of the standby', resources('dns: {kind: job, command: [/bin/true], runs: standby}')],
    [
      'a marker of one role',
      resources('role: {kind: marker, onPrimary: /etc/a, elsewhere: /etc/b, runs: primary}'),
    ],
    [
      'a template of one role',
      resources('range: {kind: template, template: /etc/a, file: /etc/b, runs: standby}'),
    ],
    [
      'a value that hamn gives itself',
      resources('range: {kind: template, template: /etc/a, file: /etc/b, values: {node: x}}'),
    ],
    ['a command for a shell', resources('dns: {kind: job, command: makedns -n}')],
    ['a program without its path', resources('dns: {kind: job, command: [makedns, -n]}')],
    ['a port without protocol', resources('xcatd: {kind: unit, ports: ["3001"]}')],
    ['a port that does not exist', resources('xcatd: {kind: unit, ports: [tcp/70000]}')],
    ['an agent of another standard', resources('fs: {kind: ocf, agent: "lsb:foo"}')],
    ['a length of time without unit', resources('xcatd: {kind: unit, startTimeout: 30}')],
    ['a length of time of nothing', resources('xcatd: {kind: unit, monitorEvery: 0s}')],
    ['no look at all', resources('xcatd: {kind: unit, confirm: 0}')],
    ['a policy that does not exist', resources('xcatd: {kind: unit, onFailure: fence}')],
    ['a name that is none', resources('"my daemon": {kind: unit}')],
    ['a list', withResources('resources: [xcatd]')],
    ['a preset that does not exist', withResources('preset: xkat', 'family: debian')],
    ['a job without a command', resources('dns: {kind: job}')],
    [
      'a job by the unit of what has none',
      resources('dns: {kind: job, unitOf: vip, commands: {named.service: [/bin/true]}}'),
    ],
    ['a unit that two names may be', preset('kea: {kind: unit, unit: kea-dhcp4.service}')],
    ['an address that is none', preset('named: {askAt: [vip]}')],
    ['a family without a preset', withResources('family: debian')],
    ['a family that does not exist', withResources('preset: xcat', 'family: fedora')],
    ['a removal of what is not there', preset('conserver: {remove: true}')],
    ['a removal without a preset', resources('console: {remove: true}')],
    ['a line of the preset with a setting of another kind', preset('dhcpd: {command: [/bin/true]}')],
    [
      'a line of the preset that waits for what was removed',
      preset('console: {remove: true}', 'ready: {after: [console]}'),
    ],
    ['a misspelt line of the preset', preset('dhpcd: {restarts: 1}')],
    ['a service of the same name', but('services:', 'resources: {xcatd: {kind: unit}}\n    services:')],
  ])('%s', (_what, text) => {
    expect(errorsOf(text)).toMatchSnapshot();
  });
});
