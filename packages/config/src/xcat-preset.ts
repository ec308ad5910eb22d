import type { ResourceText } from './resources-schema.ts';

/** Whose names of units: those of the distribution on every node. */
export type HostFamily = 'debian' | 'rhel' | 'sles';

export const hostFamilies: readonly HostFamily[] = ['debian', 'rhel', 'sles'];

/** Services that have other names elsewhere. */
type Service = 'dhcpd' | 'named' | 'http' | 'nfs' | 'tftp' | 'ntp' | 'console';

type Names = readonly [string, ...string[]];

/** In the order in which a node looks for them: where a package gives two names to one unit, the unit's own one first. */
const everywhere: Readonly<Record<Service, Names>> = {
  dhcpd: ['isc-dhcp-server.service', 'dhcpd.service', 'kea-dhcp4-server.service', 'kea-dhcp4.service'],
  named: ['named.service', 'bind9.service'],
  http: ['apache2.service', 'httpd.service'],
  nfs: ['nfs-server.service', 'nfs-kernel-server.service', 'nfs-ganesha.service'],
  tftp: ['tftpd-hpa.service', 'tftp.socket', 'atftpd.service'],
  console: ['goconserver.service', 'conserver-server.service', 'conserver.service'],
  ntp: ['chrony.service', 'chronyd.service', 'ntpsec.service', 'ntp.service', 'ntpd.service'],
};

const byFamily: Readonly<Record<HostFamily, Partial<Record<Service, Names>>>> = {
  debian: {
    dhcpd: ['isc-dhcp-server.service', 'kea-dhcp4-server.service'],
    http: ['apache2.service'],
    tftp: ['tftpd-hpa.service', 'atftpd.service'],
    console: ['goconserver.service', 'conserver-server.service'],
    ntp: ['chrony.service', 'ntpsec.service', 'ntp.service'],
  },
  rhel: {
    dhcpd: ['dhcpd.service', 'kea-dhcp4.service'],
    http: ['httpd.service'],
    tftp: ['tftp.socket'],
    console: ['goconserver.service', 'conserver.service'],
    ntp: ['chronyd.service', 'ntpd.service'],
  },
  sles: {
    dhcpd: ['dhcpd.service', 'kea-dhcp4.service'],
    http: ['apache2.service'],
    tftp: ['tftp.socket'],
    console: ['goconserver.service', 'conserver.service'],
    ntp: ['chronyd.service', 'ntpd.service'],
  },
};

const seconds = (count: number): number => count * 1000;
/** By which of these is there xCAT's commands tell what a node is. */
export const xcatMarkers: { readonly onPrimary: string; readonly elsewhere: string } = {
  onPrimary: '/etc/xCATMN',
  elsewhere: '/etc/xCATSN',
};

const readyFile = '/run/hamn/ready';

const job = (after: readonly string[], ...command: readonly string[]): ResourceText => ({
  kind: 'job',
  after,
  command,
  restarts: 1,
});

/** A job with a command for each name that the unit of another line may have. */
const byUnit = (
  unitOf: string,
  after: readonly string[],
  names: Names,
  commandOf: (name: string) => readonly string[],
): ResourceText => ({
  kind: 'job',
  after,
  unitOf,
  commands: Object.fromEntries(names.map((name) => [name, commandOf(name)])),
  restarts: 1,
});

/**
 * `preset: xcat`: what an xCAT management node runs, by name. A line of `resources:` with the same name changes settings of it or, with
 * `remove: true`, takes it away. Storage is the site's own.
 */
export function xcatPreset(family?: HostFamily): Readonly<Record<string, ResourceText>> {
  const names = { ...everywhere, ...(family === undefined ? {} : byFamily[family]) };
  const unit = (service: Service, more: ResourceText = {}): ResourceText => ({
    kind: 'unit',
    unit: names[service],
    ...more,
  });
  return {
    // xCAT's commands tell by these files what the node is: exactly one of them is there.
    'xcat-role': { kind: 'marker', ...xcatMarkers },
    ntp: unit('ntp', { runs: 'all' }),
    named: unit('named', {
      runs: 'all',
      after: ['vip'],
      ports: ['tcp/53', 'udp/53'],
      ask: 'dns',
      depth: 'deep',
    }),
    // A clean stop takes 0.8 s and its unit's own limit is 30 s; a start waits for the database.
    xcatd: {
      kind: 'unit',
      unit: 'xcatd.service',
      ports: ['tcp/3001', 'udp/3001', 'tcp/3002', 'tcp/3003'],
      ask: 'xcatd',
      depth: 'deep',
      startTimeout: seconds(60),
      stopTimeout: seconds(40),
      // It answers in 0.1 s, and later on a machine that has much to do, which is no reason to end it.
      monitorTimeout: seconds(10),
      onFailure: 'failover',
    },
    // It does not see addresses that came after its start, and looks at all of them when it reads its files again.
    'named-reload': byUnit('named', ['named', 'vip'], names.named, (name) => [
      '/usr/bin/systemctl',
      'try-reload-or-restart',
      name,
    ]),
    makedns: job(['xcatd', 'named', 'named-reload'], '/opt/xcat/sbin/makedns', '-n'),
    dhcpd: unit('dhcpd', { after: ['xcatd'], ports: ['udp/67'], depth: 'deep' }),
    'makedhcp-networks': job(['xcatd', 'dhcpd'], '/opt/xcat/sbin/makedhcp', '-n'),
    // It needs a dhcpd that answers.
    'makedhcp-nodes': job(['dhcpd', 'makedhcp-networks'], '/opt/xcat/sbin/makedhcp', '-a'),
    http: unit('http', { ports: ['tcp/80'], depth: 'deep' }),
    nfs: unit('nfs'),
    tftp: unit('tftp', { ports: ['udp/69'], depth: 'deep' }),
    console: unit('console', { after: ['xcatd'], depth: 'deep' }),
    makeconsoles: byUnit('console', ['xcatd', 'console'], names.console, (name) => [
      name === 'goconserver.service' ? '/opt/xcat/sbin/makegocons' : '/opt/xcat/sbin/makeconservercf',
    ]),
    ready: {
      kind: 'exec',
      after: ['xcatd', 'named', 'dhcpd', 'http', 'nfs', 'tftp', 'console'],
      start: ['/usr/bin/touch', readyFile],
      stop: ['/usr/bin/rm', '-f', readyFile],
      monitor: ['/usr/bin/test', '-e', readyFile],
      onFailure: 'ignore',
    },
  };
}
