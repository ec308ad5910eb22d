import { routes } from '@hamn/api';
import { defaultNodeFile, type NodeFile } from '@hamn/config';
import { fail, ok, type Result } from '@hamn/core';
import type { App, GlobalOptions } from '../app.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { etcdSource } from './etcd-source.ts';
import { hamndSource } from './hamnd-source.ts';
import { loadNodeFile } from './node-file.ts';
import { exitCodeFor, type Source } from './source.ts';
import { call } from './unix-http.ts';

const probeLimitMs = 1500;
const usualSocket = '/run/hamn/hamnd.sock';

/** hamnd where it answers, else etcd by the node file; etcd for a group that this node's hamnd does not look after. The value is open: close it. */
export async function openSource(
  options: GlobalOptions,
  app: App,
): Promise<Result<Source, 'usage' | 'unreachable'>> {
  const file = await loadNodeFile(options.config);
  if (file.ok && file.value.group !== options.group)
    return openEtcd(file.value, options.group, app, otherGroup(file.value));
  const socket = options.socket ?? (file.ok ? file.value.socket : usualSocket);
  const alive = await call({ socket, method: 'GET', path: routes.healthz, timeoutMs: probeLimitMs });
  if (alive.ok) return ok(hamndSource(socket, options.group));
  if (alive.error.code === 'denied') return fail('usage', alive.error.message);
  if (!file.ok)
    return fail(
      file.error.code === 'bad-config' || options.config !== defaultNodeFile ? 'usage' : 'unreachable',
      `${alive.error.message} etcd cannot be asked either: ${file.error.message}`,
    );
  return openEtcd(file.value, options.group, app, alive.error.message);
}

export const otherGroup = ({ node, group }: NodeFile): string =>
  `hamnd on ${node} looks after the group ${group} only.`;

async function openEtcd(
  file: NodeFile,
  group: string,
  app: App,
  why: string,
): Promise<Result<Source, 'usage' | 'unreachable'>> {
  const store = await app.openStore(file, group);
  if (!store.ok) return fail('usage', `${why} etcd cannot be asked either: ${store.error.message}`);
  return ok(etcdSource({ file, group, why }, store.value, app.io));
}

/** Opens a source, lets `use` work with it, and closes it. A source that cannot be opened is told on stderr. */
export async function withSource(
  options: GlobalOptions,
  app: App,
  use: (source: Source) => Promise<ExitCode>,
): Promise<ExitCode> {
  const source = await openSource(options, app);
  if (!source.ok) {
    app.io.err(`${source.error.message}\n`);
    return source.error.code === 'usage' ? exitCodes.usage : exitCodes.unreachable;
  }
  try {
    return await use(source.value);
  } finally {
    await source.value.close();
  }
}

/** Tells a failed answer on stderr. */
export function complain(
  app: App,
  error: { readonly code: Parameters<typeof exitCodeFor>[0]; readonly message: string },
): ExitCode {
  app.io.err(`${error.message}\n`);
  return exitCodeFor(error.code);
}
