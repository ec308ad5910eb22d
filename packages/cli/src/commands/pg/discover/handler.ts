import type { ClusterSettings } from '@hamn/config';
import { readClusterSettings } from '@hamn/config';
import { presentValue } from '@hamn/core';
import type { App, GlobalOptions } from '../../../app.ts';
import { readView } from '../../../connect/etcd-source.ts';
import { loadNodeFile } from '../../../connect/node-file.ts';
import { usage } from '../../../connect/with-store.ts';
import { type ExitCode, exitCodes } from '../../../exit-codes.ts';
import { loadSettings } from '../../config/validate.ts';
import { findPostgres } from './find.ts';
import { judge } from './judge.ts';
import { renderDiscovery } from './render.ts';

export interface DiscoverOptions extends GlobalOptions {
  readonly file: string | undefined;
  readonly json: boolean;
  /** Where the files of the machine are; empty: this machine's own. */
  readonly root: string;
}

/** Reads, judges and prints; it changes nothing, and works before anything of hamn is set up. */
export async function discover(options: DiscoverOptions, app: App): Promise<ExitCode> {
  let settings: ClusterSettings | undefined;
  if (options.file !== undefined) {
    const loaded = await loadSettings(options.file, app);
    if (!loaded.ok) return usage(app, loaded.error.message);
    settings = loaded.value.settings;
  } else settings = await settingsInEtcd(options, app);
  const vips = settings?.groups.get(options.group)?.vips.map((vip) => vip.address);
  const found = await findPostgres(options.root);
  const judgement = judge(found, vips);
  const text = options.json
    ? `${JSON.stringify({ schema: 1, ...found, ...judgement }, undefined, 2)}\n`
    : renderDiscovery(found, judgement, app.io.columns);
  app.io.out(text);
  return judgement.chosen === undefined ? exitCodes.problems : exitCodes.ok;
}

/** Undefined where there is no cluster yet, which is the usual case. */
async function settingsInEtcd(options: DiscoverOptions, app: App): Promise<ClusterSettings | undefined> {
  const file = await loadNodeFile(options.config);
  if (!file.ok) return undefined;
  const store = await app.openStore(file.value, options.group);
  if (!store.ok) return undefined;
  try {
    const view = await readView(store.value);
    const text = view.ok ? presentValue(view.value.config) : undefined;
    const read = text === undefined ? undefined : readClusterSettings(text, 'config in etcd');
    return read?.ok === true ? read.value : undefined;
  } finally {
    await store.value.close();
  }
}
