import type { ResourceText } from './resources-schema.ts';

/** Whose names of units: those of the distribution on every node. */
export type HostFamily = 'debian' | 'rhel' | 'sles';

export const hostFamilies: readonly HostFamily[] = ['debian', 'rhel', 'sles'];

interface FamilyUnits {
  readonly dhcpd: string;
  readonly named: string;
  readonly http: string;
  readonly nfs: string;
  readonly tftp: string;
  readonly ntp: string;
}

const units: Readonly<Record<HostFamily, FamilyUnits>> = {
  debian: {
    dhcpd: 'isc-dhcp-server.service',
    named: 'named.service',
    http: 'apache2.service',
    nfs: 'nfs-server.service',
    tftp: 'tftpd-hpa.service',
    ntp: 'chrony.service',
  },
  rhel: {
    dhcpd: 'dhcpd.service',
    named: 'named.service',
    http: 'httpd.service',
    nfs: 'nfs-server.service',
    tftp: 'tftp.socket',
    ntp: 'chronyd.service',
  },
  sles: {
    dhcpd: 'dhcpd.service',
    named: 'named.service',
    http: 'apache2.service',
    nfs: 'nfs-server.service',
    tftp: 'tftp.socket',
    ntp: 'chronyd.service',
  },
};

const seconds = (count: number): number => count * 1000;
/** By which of these is there xCAT's commands tell what a node is. */
export const xcatMarkers: { readonly onPrimary: string; readonly elsewhere: string } = {
  onPrimary: '/etc/xCATMN',
  elsewhere: '/etc/xCATSN',
};

const readyFile = '/run/hamn/ready';

/**
 * `preset: xcat`: what an xCAT management node runs, by name. A line of `resources:` with the same name changes settings of it or, with
 * `remove: true`, takes it away. Storage is the site's own.
 */
export function xcatPreset(family: HostFamily): Readonly<Record<string, ResourceText>> {
  const { dhcpd, named, http, nfs, tftp, ntp } = units[family];
  const job = (after: readonly string[], ...command: readonly string[]): ResourceText => ({
    kind: 'job',
    after,
    command,
    restarts: 1,
  });
  const unit = (name: string, more: ResourceText = {}): ResourceText => ({
    kind: 'unit',
    unit: name,
    ...more,
  });
  return {
    // xCAT's commands tell by these files what the node is: exactly one of them is there.
    'xcat-role': { kind: 'marker', ...xcatMarkers },
    ntp: unit(ntp, { runs: 'all' }),
    named: unit(named, { runs: 'all', after: ['vip'], ports: ['tcp/53', 'udp/53'], depth: 'deep' }),
    // A clean stop takes 0.8 s and its unit's own limit is 30 s; a start waits for the database.
    xcatd: unit('xcatd.service', {
      ports: ['tcp/3001', 'udp/3001', 'tcp/3002'],
      depth: 'deep',
      startTimeout: seconds(60),
      stopTimeout: seconds(40),
      onFailure: 'failover',
    }),
    // It does not see addresses that came after its start.
    'named-restart': job(['named', 'vip'], '/usr/bin/systemctl', 'try-restart', named),
    makedns: job(['xcatd', 'named', 'named-restart'], '/opt/xcat/sbin/makedns', '-n'),
    dhcpd: unit(dhcpd, { after: ['xcatd'] }),
    'makedhcp-networks': job(['xcatd', 'dhcpd'], '/opt/xcat/sbin/makedhcp', '-n'),
    // It needs a dhcpd that answers.
    'makedhcp-nodes': job(['dhcpd', 'makedhcp-networks'], '/opt/xcat/sbin/makedhcp', '-a'),
    http: unit(http, { ports: ['tcp/80'], depth: 'deep' }),
    nfs: unit(nfs),
    tftp: unit(tftp),
    console: unit('goconserver.service', { after: ['xcatd'] }),
    makeconsoles: job(['xcatd', 'console'], '/opt/xcat/sbin/makegocons'),
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
