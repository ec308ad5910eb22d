import { historyDocumentSchema, type ResourcesDocument, resourcesSchema } from '@hamn/api';
import type { HistoryValue } from '@hamn/core';
import { type Cluster, waitFor } from '../cluster/index.ts';
import { longestChainMs } from './chain.ts';

/** When the new primary had everything. All milliseconds count from the power-off. */
export interface Readiness {
  /** All of the primary's resources were well; jobs go on. */
  readonly ready_ms: number;
  /** The longest chain of starts in the graph, each as long as systemd saw it take, after the VIPs and the database. */
  readonly longest_chain_ms: number;
  /** When each resource was well. */
  readonly resources: Readonly<Record<string, number>>;
}

const limitMs = 60_000;

/** Undefined when not all of it was well within a minute. `failedAtWallMs`: the power-off, by the host's clock, which is the nodes' as well. */
export async function readinessOf(
  cluster: Cluster,
  node: string,
  failedAtWallMs: number,
): Promise<Readiness | undefined> {
  const entry = await waitFor(limitMs, 300, () => takeoverOf(cluster, node, failedAtWallMs));
  if (entry === undefined) return undefined;
  const sinceTake = (name: string): number => entry.phases.find((phase) => phase.name === name)?.ms ?? 0;
  // It is written down when all is well.
  const takenMs = entry.atWallMs - failedAtWallMs - sinceTake('services');
  const document = await resourcesOf(cluster, node);
  const base = (name: string): number => Math.round(takenMs + sinceTake(name));
  const given = document.resources.flatMap(({ name, kind }): [string, number][] =>
    kind === 'vip' ? [[name, base('vip')]] : kind === 'postgres' ? [[name, base('promoted')]] : [],
  );
  const services = document.resources.filter(({ kind }) => kind === 'unit' || kind === 'exec');
  const links = await Promise.all(
    services.map(async ({ name, after, kind }) => {
      const state = document.nodes.find((one) => one.name === node)?.states.find((one) => one.name === name);
      const unit = kind === 'exec' ? `hamn-res-mn-${name}.service` : (state?.unit ?? `${name}.service`);
      return { name, after, ownMs: await startMs(cluster, node, unit, failedAtWallMs) };
    }),
  );
  const times = [...(entry.resources ?? [])].map(({ name, ms }) => [name, Math.round(takenMs + ms)]);
  return {
    ready_ms: Math.round(entry.atWallMs - failedAtWallMs),
    longest_chain_ms: longestChainMs(links, new Map(given)),
    resources: { ...Object.fromEntries(given), ...Object.fromEntries(times) },
  };
}

/** The newest take-over of this node, when it was written down after the power-off. */
async function takeoverOf(
  cluster: Cluster,
  node: string,
  sinceWallMs: number,
): Promise<HistoryValue | undefined> {
  const asked = await cluster.lab.exec(node, ['hamnctl', 'history', '--json'], { timeoutMs: 15_000 });
  if (asked.code !== 0) return undefined;
  const entry = historyDocumentSchema.parse(JSON.parse(asked.stdout)).entries.at(-1);
  return entry?.node === node && entry.atWallMs > sinceWallMs ? entry : undefined;
}

async function resourcesOf(cluster: Cluster, node: string): Promise<ResourcesDocument> {
  const shown = await cluster.lab.mustExec(node, ['hamnctl', 'resources', '--json'], { timeoutMs: 15_000 });
  return resourcesSchema.parse(JSON.parse(shown));
}

/** By systemd's clock: from inactive to active. What ran already when the role came took no time. */
async function startMs(cluster: Cluster, node: string, unit: string, sinceWallMs: number): Promise<number> {
  const property = async (name: string): Promise<number> => {
    const argv = ['systemctl', 'show', '--timestamp=us+utc', '-P', name, unit];
    const text = (await cluster.lab.mustExec(node, argv, { timeoutMs: 15_000 })).trim();
    const [, day, time] = /^\S+ (\S+) (\S+) UTC$/.exec(text) ?? [];
    return day === undefined || time === undefined ? 0 : Date.parse(`${day}T${time}Z`);
  };
  const begun = await property('InactiveExitTimestamp');
  const ended = await property('ActiveEnterTimestamp');
  return begun < sinceWallMs || ended < begun ? 0 : ended - begun;
}
