import { processUnits, type ResourceKind, type ResourceSettings, traitsOf, usualOutcome } from '@hamn/core';

/** What the group of every scenario runs besides its VIP and database: one of each sort, with short windows so that all comes to rest. */

const windowMs = 20_000;

const resource = (
  name: string,
  what: ResourceKind,
  more: Partial<ResourceSettings> & { readonly restarts?: number } = {},
): ResourceSettings => {
  const traits = traitsOf(what);
  const { limits, monitor } = traits.defaults;
  const { restarts = 3, ...rest } = more;
  return {
    name,
    what,
    runs: 'primary',
    after: [],
    limits: { ...limits, startMs: 10_000, stopMs: 5000, monitorMs: 2000 },
    monitor: { ...monitor, intervalMs: 3000, confirm: 2, confirmAfterMs: 500 },
    failure: { restarts, windowMs, outcome: usualOutcome(traits) },
    unfenced: false,
    ...rest,
  };
};

const unit = (name: string): ResourceKind => ({
  kind: 'unit',
  unit: `${name}.service`,
  ports: [],
  probe: undefined,
});

const exec: ResourceKind = { kind: 'exec', start: ['/start'], stop: ['/stop'], monitor: ['/monitor'] };

const share = {
  kind: 'mount',
  source: 'nas:/install',
  target: '/install',
  type: 'nfs',
  options: [],
} as const;
const exclusiveShare = { ...share, source: '/dev/sdb1', type: 'ext4' } as const;

const withShare = (what: ResourceKind): readonly ResourceSettings[] => [
  // Not worth the role in either form: what moves it here are the faults and the console.
  resource('share', what, { failure: { restarts: 3, windowMs, outcome: 'degrade' } }),
  resource('xcatd', unit('xcatd')),
  resource('dhcpd', unit('dhcpd'), { after: ['xcatd'] }),
  resource('makedns', { kind: 'job', command: ['/makedns'] }, { after: ['xcatd'] }),
  // Worth the role at its first failure: a look that lies once must not be one.
  resource('console', exec, {
    after: ['xcatd'],
    restarts: 0,
    failure: { restarts: 0, windowMs, outcome: 'failover' },
  }),
  resource('named', unit('named'), { runs: 'all' }),
];

const shared = withShare(share);
const exclusive = withShare(exclusiveShare);

export const roleResourcesOf = (scenario: {
  readonly exclusiveShare: boolean;
}): readonly ResourceSettings[] => (scenario.exclusiveShare ? exclusive : shared);

/** What a machine knows a resource by: its unit, or the one that hamn makes for its programs. A mount is the kernel's. */
export const nameHere = (resource: ResourceSettings): string =>
  (resource.what.kind === 'mount' ? undefined : processUnits('mn', resource)[0]) ??
  `mount of ${resource.name}`;
