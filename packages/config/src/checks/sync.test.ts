import { describe, expect, it } from 'vitest';
import { but, errorsOf } from '../testing/good-cluster.ts';

const services = `    services:
      - {name: xcatd}
      - {name: dhcpd, unit: isc-dhcp-server.service, after: [xcatd], startTimeout: 500ms}
`;
const resources = (...lines: readonly string[]): string =>
  but(services, ['resources:', ...lines.map((line) => `  ${line}`)].map((line) => `    ${line}\n`).join(''));
const paths = (...list: readonly string[]): string =>
  resources(`files: {kind: sync, paths: [${list.map((path) => `"${path}"`).join(', ')}]}`);

describe('bad settings: file sync', () => {
  it.each([
    ['no path', paths()],
    ['a relative path', paths('etc/hosts')],
    ['a path that climbs', paths('/etc/../proc')],
    ['everything', paths('/')],
    ['names in the root', paths('/etc*')],
    ['the kernel’s', paths('/proc/sys')],
    ['what is of one boot', paths('/run/xcat')],
    ['the database', paths('/var/lib/postgresql/15/main/')],
    ['hamn’s own', paths('/etc/hamn/tls')],
    ['a folder with hamn’s own', paths('/etc')],
    ['a pattern in the middle', paths('/home/*/.ssh')],
    ['a path in another one', paths('/etc/xcat', '/etc/xcat/ca')],
    ['a path twice', paths('/etc/hosts', '/etc//hosts/')],
    ['a path that a pattern has', paths('/root/.ssh/id*', '/root/.ssh/id_rsa')],
    [
      'a path of another resource',
      resources('a: {kind: sync, paths: [/etc/xcat]}', 'b: {kind: sync, port: 7445, paths: [/etc/xcat/ca]}'),
    ],
    [
      'one port twice',
      resources('a: {kind: sync, paths: [/etc/hosts]}', 'b: {kind: sync, paths: [/etc/xcat]}'),
    ],
    [
      'what moves with the role',
      resources(
        'install: {kind: mount, source: "nas:/install", target: /install, type: nfs4}',
        'files: {kind: sync, paths: [/install/custom]}',
      ),
    ],
    [
      'a list of which a part moves with the role',
      resources(
        'xcat: {kind: mount, source: "nas:/xcat", target: /etc/xcat, type: nfs4}',
        'files: {kind: sync, list: xcat}',
      ),
    ],
    ['a path that the list has', resources('files: {kind: sync, list: xcat, paths: [/etc/hosts]}')],
    ['another list', resources('files: {kind: sync, list: xcats}')],
    ['neither paths nor a list', resources('files: {kind: sync}')],
    ['one role only', resources('files: {kind: sync, paths: [/etc/hosts], runs: primary}')],
    ['a failover', resources('files: {kind: sync, paths: [/etc/hosts], onFailure: failover}')],
    ['an exclude with a slash', resources('files: {kind: sync, paths: [/etc/xcat], exclude: [ca/key]}')],
    ['a port that is none', resources('files: {kind: sync, paths: [/etc/hosts], port: 0}')],
    ['a bandwidth without sense', resources('files: {kind: sync, paths: [/etc/hosts], bandwidth: 10B}')],
    ['a setting of another kind', resources('files: {kind: sync, paths: [/etc/hosts], target: /x}')],
  ])('%s', (_what, text) => {
    expect(errorsOf(text)).toMatchSnapshot();
  });

  it('good ones are none', () => {
    const list = [
      '/etc/hosts',
      '/root/.ssh/id*',
      '/root/.ssh/config',
      '/etc/xcat/ca',
      '/root/.xcat',
      '/install',
    ];
    expect(errorsOf(paths(...list))).toBe('it was accepted');
    expect(errorsOf(resources('files: {kind: sync, list: xcat, paths: [/install]}'))).toBe('it was accepted');
  });
});
