import {
  type GroupSettings,
  leastMarginMs,
  type NodeSettings,
  nodeId,
  profiles,
  type ResourceSettings,
  type ServiceSettings,
  type Timings,
  usualObserveMs,
  type VipSettings,
} from '@hamn/core';
import { readCidr } from './addresses.ts';
import { checkCluster } from './checks/check-cluster.ts';
import { type ClusterText, clusterSchema, type ServiceText, unitOf, type VipText } from './cluster-schema.ts';
import { fencingOf } from './fencing-schema.ts';
import { badConfig, type ConfigIssue, type ConfigResult, inOrder } from './issues.ts';
import { resourcesOf } from './resource-settings.ts';
import { schemaIssues } from './schema-issues.ts';
import { readSource } from './source.ts';

/** The cluster's settings, validated, with every default filled in. */
export interface ClusterSettings {
  readonly timings: Timings;
  readonly nodes: readonly NodeSettings[];
  /** By name, without the cluster's name, which only the node file and etcd's keys know. */
  readonly groups: ReadonlyMap<string, Omit<GroupSettings, 'cluster'>>;
  /** Of each group: its VIPs, database, services and everything else that is started and stopped with the role, in one list. */
  readonly resources: ReadonlyMap<string, readonly ResourceSettings[]>;
}

/** Reads the settings as cluster.yaml or etcd's `config` hold them. Errors: `bad-config`, with a place for each issue. */
export function readClusterSettings(text: string, fileName: string): ConfigResult<ClusterSettings> {
  const source = readSource(text);
  if (!source.ok) return badConfig(fileName, source.issues);
  const parsed = clusterSchema.safeParse(source.value.data);
  if (!parsed.success) return badConfig(fileName, schemaIssues(parsed.error, clusterSchema, source.value));
  const timings = timingsOf(parsed.data);
  const issues: readonly ConfigIssue[] = checkCluster(parsed.data, timings).map(({ on, ...finding }) => ({
    ...finding,
    ...source.value.place(finding.path, on),
  }));
  if (issues.some((issue) => issue.severity === 'error')) return badConfig(fileName, issues);
  return { ok: true, value: settingsOf(parsed.data, timings), warnings: inOrder(issues) };
}

/** One group as core wants it; undefined when the settings have no such group. */
export function groupSettings(
  settings: ClusterSettings,
  cluster: string,
  group: string,
): GroupSettings | undefined {
  const found = settings.groups.get(group);
  return found === undefined ? undefined : { cluster, ...found };
}

/** The profile's figures, each replaced by the one that was written; another T brings its own least margin and its own limit of a look. */
function timingsOf(text: ClusterText): Timings {
  const profile = profiles[text.profile];
  const { termMs = profile.termMs, intervalMs, requestMs, marginMs, observeMs } = text.timings;
  return {
    termMs,
    intervalMs: intervalMs ?? profile.intervalMs,
    requestMs: requestMs ?? profile.requestMs,
    marginMs: marginMs ?? leastMarginMs(termMs),
    // What nobody set never makes other figures illegal.
    observeMs: observeMs ?? Math.min(usualObserveMs(termMs), intervalMs ?? profile.intervalMs),
  };
}

function settingsOf(text: ClusterText, timings: Timings): ClusterSettings {
  const nodes: readonly NodeSettings[] = Object.entries(text.nodes).map(
    ([name, { replicatefrom, ...node }]) => ({
      name: nodeId(name),
      ...node,
      ...(replicatefrom === undefined ? {} : { replicatefrom: nodeId(replicatefrom) }),
    }),
  );
  const fencing = text.fencing === undefined ? undefined : fencingOf(text.fencing, timings);
  const groups = new Map<string, Omit<GroupSettings, 'cluster'>>();
  for (const [group, { failover, vips, postgres, services }] of Object.entries(text.groups)) {
    groups.set(group, {
      group,
      timings,
      failover,
      nodes,
      vips: vips.flatMap(vipOf),
      postgres,
      services: services.map(serviceOf),
      fencing,
    });
  }
  const resources = new Map(
    Object.entries(text.groups).map(([name, group]) => [name, resourcesOf(group)] as const),
  );
  return { timings, nodes, groups, resources };
}

function vipOf(vip: VipText): readonly VipSettings[] {
  const cidr = readCidr(vip.address);
  return cidr === undefined ? [] : [{ ...cidr, interface: vip.interface }];
}

const serviceOf = (service: ServiceText): ServiceSettings => ({
  name: service.name,
  unit: unitOf(service),
  after: service.after,
  startTimeoutMs: service.startTimeout,
  stopTimeoutMs: service.stopTimeout,
  restarts: service.restarts,
  restartWindowMs: service.restartWindow,
  onFailure: service.onFailure,
});
