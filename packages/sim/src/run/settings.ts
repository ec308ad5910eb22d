import {
  type FencingSettings,
  type GroupSettings,
  nodeId,
  type ResourceKind,
  type ResourceSettings,
  type ResourceTraits,
  traitsOf,
  type VipSettings,
} from '@hamn/core';
import { roleResourcesOf } from './resources.ts';
import type { Scenario } from './scenario.ts';

export const simVip: VipSettings = { address: '10.1.0.223', prefixLength: 24, interface: 'eth0' };
export const postgresUnit = 'postgresql@15-main.service';
export const maxLagBytes = 2_000_000;
export const storageTimeoutMs = 10_000;

const usual = ({
  defaults,
}: ResourceTraits): Pick<ResourceSettings, 'limits' | 'monitor' | 'failure' | 'unfenced'> => ({
  ...defaults,
  failure: { restarts: 3, windowMs: 60_000, outcome: 'failover' },
  unfenced: false,
});

const vipKind: ResourceKind = { kind: 'vip', ...simVip };
const databaseKind: ResourceKind = {
  kind: 'postgres',
  unit: postgresUnit,
  dataDirectory: '/var/lib/postgresql/15/main',
};

const resourcesOf = (scenario: Scenario): readonly ResourceSettings[] => [
  { name: 'vip', what: vipKind, runs: 'primary', after: [], ...usual(traitsOf(vipKind)) },
  { name: 'postgres', what: databaseKind, runs: 'all', after: [], ...usual(traitsOf(databaseKind)) },
  ...roleResourcesOf(scenario),
];

/** The settings that every node of the scenario runs with. */
export const settingsOf = (scenario: Scenario): GroupSettings => ({
  cluster: 'sim',
  group: 'mn',
  timings: scenario.timings,
  failover: 'automatic',
  fencing: fencingOf(scenario),
  nodes: scenario.nodes.map(({ name, role }, index) => ({
    name: nodeId(name),
    address: `10.1.0.${index + 1}`,
    role,
    priority: 100,
    apiPort: 8443,
    ...(scenario.clonefrom.includes(name) ? { clonefrom: true } : {}),
    ...(scenario.cascade?.node === name ? { replicatefrom: nodeId(scenario.cascade.from) } : {}),
  })),
  vips: [simVip],
  postgres: {
    mode: scenario.mode,
    quorum: scenario.quorum,
    maxLagBytes,
    unit: postgresUnit,
    dataDirectory: '/var/lib/postgresql/15/main',
    includeDirectory: '/etc/postgresql/15/main/conf.d',
    binDirectory: '/usr/lib/postgresql/15/bin',
    port: 5432,
    user: 'hamn',
    passwordFile: '/etc/hamn/postgres.password',
    osUser: 'postgres',
    startTimeoutMs: 60_000,
    stopTimeoutMs: 20_000,
    promoteTimeoutMs: 10_000,
    keepDivergedMs: 1,
    restarts: 3,
    restartWindowMs: 60_000,
    onCrash: 'faster',
    storageTimeoutMs,
  },
  resources: resourcesOf(scenario),
});

/** Each data node has a switch of its own; a candidate fences before T has passed. */
function fencingOf({ fencing, nodes, timings }: Scenario): FencingSettings | undefined {
  if (fencing === undefined) return undefined;
  return {
    mode: fencing.mode,
    afterMs: timings.termMs * fencing.afterShare,
    checkEveryMs: 10_000,
    devices: [{ name: 'switch', agent: 'fence_sim', options: {}, timeoutMs: 1500, retries: 0 }],
    nodes: nodes
      .filter(({ role }) => role === 'data')
      .map(({ name }, index) => ({
        node: nodeId(name),
        action: fencing.action,
        delayMs: index * 100,
        levels: [[{ device: 'switch', plug: undefined }]],
      })),
  };
}
