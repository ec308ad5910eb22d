import type { NodeFile } from '@hamn/config';
import type { StorePort } from '@hamn/engine';
import type { App, GlobalOptions } from '../app.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { loadNodeFile } from './node-file.ts';

/** Opens etcd by the node file for a command that needs etcd itself, and closes it. What is wrong is told on stderr. */
export async function withStore(
  options: GlobalOptions,
  app: App,
  use: (store: StorePort, file: NodeFile) => Promise<ExitCode>,
): Promise<ExitCode> {
  const file = await loadNodeFile(options.config);
  if (!file.ok) return usage(app, file.error.message);
  const store = await app.openStore(file.value, options.group);
  if (!store.ok) return usage(app, store.error.message);
  try {
    return await use(store.value, file.value);
  } finally {
    await store.value.close();
  }
}

export function usage(app: App, message: string): ExitCode {
  app.io.err(`${message}\n`);
  return exitCodes.usage;
}
