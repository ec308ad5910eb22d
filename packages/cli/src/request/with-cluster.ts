import type { StatusDocument } from '@hamn/api';
import type { App, GlobalOptions } from '../app.ts';
import { complain, withSource } from '../connect/open-source.ts';
import type { Source } from '../connect/source.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { badTimeout, timeoutMsOf } from './options.ts';

/** What a command has in hand that asks the cluster for something. */
export interface Asking {
  readonly source: Source;
  readonly status: StatusDocument;
}

/** Looks first: what is shown while etcd is away may be long past, and nothing can be asked for. */
export const withCluster = (
  options: GlobalOptions,
  app: App,
  act: (asking: Asking) => Promise<ExitCode>,
): Promise<ExitCode> =>
  withSource(options, app, async (source) => {
    const status = await source.status();
    if (!status.ok) return complain(app, status.error);
    for (const text of status.value.missing) app.io.err(`Note: ${text}\n`);
    const { etcd, node } = status.value;
    if (etcd?.reachable !== false) return act({ source, status: status.value });
    const message = `etcd does not answer ${node}, so nothing can be asked for and nothing was changed. \`hamnctl doctor\` says which member is missing.`;
    return complain(app, { code: 'unreachable', message });
  });

/** As `withCluster`, for what has `--timeout`. */
export function withLimit(
  options: GlobalOptions & { readonly timeoutSeconds: number },
  app: App,
  act: (asking: Asking & { readonly timeoutMs: number }) => Promise<ExitCode>,
): Promise<ExitCode> {
  const timeoutMs = timeoutMsOf(options.timeoutSeconds);
  if (timeoutMs !== undefined) return withCluster(options, app, (asking) => act({ ...asking, timeoutMs }));
  app.io.err(badTimeout);
  return Promise.resolve(exitCodes.usage);
}
