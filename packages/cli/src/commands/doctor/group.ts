import { type ClusterSettings, groupSettings, type NodeFile, readClusterSettings } from '@hamn/config';
import { type GroupSettings, type GroupView, presentValue } from '@hamn/core';
import type { App } from '../../app.ts';
import { readView } from '../../connect/etcd-source.ts';

/** What etcd knows of the group; each is undefined where it could not be read. */
export interface KnownGroup {
  readonly view: GroupView | undefined;
  readonly cluster: ClusterSettings | undefined;
  readonly settings: GroupSettings | undefined;
}

export async function readGroup(file: NodeFile, group: string, app: App): Promise<KnownGroup> {
  const view = await viewOf(file, group, app);
  const cluster = clusterOf(view);
  return { view, cluster, settings: cluster && groupSettings(cluster, file.cluster, group) };
}

async function viewOf(file: NodeFile, group: string, app: App): Promise<GroupView | undefined> {
  const store = await app.openStore(file, group);
  if (!store.ok) return undefined;
  try {
    const view = await readView(store.value);
    return view.ok ? view.value : undefined;
  } finally {
    await store.value.close();
  }
}

function clusterOf(view: GroupView | undefined): ClusterSettings | undefined {
  const text = view === undefined ? undefined : presentValue(view.config);
  const read = text === undefined ? undefined : readClusterSettings(text, 'config in etcd');
  return read?.ok === true ? read.value : undefined;
}
