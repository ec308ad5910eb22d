import { type NodeFile, readClusterSettings } from '@hamn/config';
import { type GroupView, presentValue } from '@hamn/core';
import type { StorePort } from '@hamn/engine';
import type { App } from '../app.ts';
import type { ExitCode } from '../exit-codes.ts';
import { readView } from './etcd-source.ts';
import { complain } from './open-source.ts';
import { usage } from './with-store.ts';

/** A group that has settings in etcd. */
export interface SetUpGroup {
  readonly group: string;
  readonly store: StorePort;
  readonly view: GroupView;
  readonly text: string;
}

/** Opens those of these groups that are set up, and closes them. What cannot be read is told, and nothing is done. */
export async function withGroups(
  file: NodeFile,
  names: readonly string[],
  app: App,
  use: (groups: readonly SetUpGroup[]) => Promise<ExitCode>,
): Promise<ExitCode> {
  const stores: StorePort[] = [];
  const found: SetUpGroup[] = [];
  try {
    for (const group of names) {
      const store = await app.openStore(file, group);
      if (!store.ok) return usage(app, store.error.message);
      stores.push(store.value);
      const view = await readView(store.value);
      if (!view.ok) return complain(app, view.error);
      const text = presentValue(view.value.config);
      if (text !== undefined) found.push({ group, store: store.value, view: view.value, text });
    }
    return await use(found);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** The groups that settings name; none where they cannot be read. */
export function groupsIn(text: string | undefined): readonly string[] {
  const read = text === undefined ? undefined : readClusterSettings(text, 'etcd');
  return read?.ok === true ? [...read.value.groups.keys()] : [];
}
