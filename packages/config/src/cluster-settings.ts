import {
  type GroupSettings,
  leastMarginMs,
  type NodeSettings,
  nodeId,
  profiles,
  type Timings,
  usualObserveMs,
  type VipSettings,
} from '@hamn/core';
import { readCidr } from './addresses.ts';
import { checkCluster } from './checks/check-cluster.ts';
import { type ClusterText, clusterSchema, type VipText } from './cluster-schema.ts';
import { fencingOf } from './fencing-schema.ts';
import { groupNodes } from './group-nodes.ts';
import { badConfig, type ConfigIssue, type ConfigResult, inOrder } from './issues.ts';
import { resourcesOf } from './resource-settings.ts';
import { schemaIssues } from './schema-issues.ts';
import { serviceNodesOf } from './service-nodes-schema.ts';
import { readSource } from './source.ts';

/** The cluster's settings, validated, with every default filled in. */
export interface ClusterSettings {
  readonly timings: Timings;
  /** Of all groups. */
  readonly nodes: readonly NodeSettings[];
  /** By name, without the cluster's name, which only the node file and etcd's keys know. */
  readonly groups: ReadonlyMap<string, Omit<GroupSettings, 'cluster'>>;
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
  for (const [name, group] of Object.entries(text.groups)) {
    const { failover, vips, postgres, serviceNodes } = group;
    const own = groupNodes(text, name);
    groups.set(name, {
      group: name,
      timings,
      failover,
      nodes: nodes.filter((node) => Object.hasOwn(own, node.name)),
      vips: vips.flatMap(vipOf),
      postgres,
      resources: resourcesOf(group),
      fencing,
      ...(serviceNodes === undefined ? {} : { serviceNodes: serviceNodesOf(serviceNodes) }),
    });
  }
  return { timings, nodes, groups };
}

function vipOf(vip: VipText): readonly VipSettings[] {
  const cidr = readCidr(vip.address);
  return cidr === undefined ? [] : [{ ...cidr, interface: vip.interface }];
}
