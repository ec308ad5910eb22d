import { exportsWithReplicas } from '@hamn/core';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';

export interface SnExportsOptions extends GlobalOptions {
  readonly path: string;
  readonly clients: string;
  readonly mountOptions: string;
  readonly pool: string | undefined;
  /** In place of the service nodes of the settings: then nobody is asked. */
  readonly servers: readonly string[];
  readonly json: boolean;
}

/** Prints the line of /etc/exports for each service node; writes nothing. */
export function snExports(options: SnExportsOptions, app: App): Promise<ExitCode> {
  const { servers, pool } = options;
  if (servers.length > 0) return Promise.resolve(print(servers, options, app));
  return withSource(options, app, async (source) => {
    const read = await source.serviceNodes();
    if (!read.ok) return complain(app, read.error);
    const { serviceNodes } = read.value;
    const pools = [...new Set(serviceNodes.flatMap((one) => one.pools))].sort();
    if (pool !== undefined && !pools.includes(pool))
      return complain(app, {
        code: 'refused',
        message: `There is no pool ${pool} in the settings. They have ${pools.join(', ')}.`,
      });
    const own = serviceNodes.filter((one) => pool === undefined || one.pools.includes(pool));
    return print(
      own.map(({ name }) => name),
      options,
      app,
    );
  });
}

function print(servers: readonly string[], options: SnExportsOptions, app: App): ExitCode {
  const { path, clients, mountOptions, json } = options;
  const words = mountOptions.split(',').filter((word) => word !== '');
  const lines = exportsWithReplicas({ path, clients, options: words, servers });
  if (!lines.ok) return complain(app, { code: 'refused', message: lines.error.message });
  const { io } = app;
  if (json)
    io.out(`${JSON.stringify({ schema: 1, exports: Object.fromEntries(lines.value) }, undefined, 2)}\n`);
  else for (const [server, line] of lines.value) io.out(`# /etc/exports on ${server}\n${line}\n`);
  return exitCodes.ok;
}
