import type { ServiceNodesDocument } from '@hamn/api';
import { didYouMean } from '@hamn/config';
import { namesText } from '@hamn/core';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import type { Source } from '../../connect/source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { agreed } from '../../io.ts';
import { formatTime } from '../../text/quantities.ts';

export interface SnWishOptions extends GlobalOptions {
  readonly name: string;
  readonly to: string | undefined;
  readonly force: boolean;
  readonly yes: boolean;
}

/** Shows what would move, asks back, and writes the wish; the primary carries it out in batches. */
export const snMove = (options: SnWishOptions, app: App): Promise<ExitCode> =>
  withServiceNodes(options, app, [options.name, options.to], async (source, document) => {
    const { name, to, yes } = options;
    const { io } = app;
    const own = document.serviceNodes.find((one) => one.name === name);
    io.out(
      `${name} is ${own?.state ?? 'unknown'} and serves ${own?.nodes ?? 'an unknown number of'} nodes.\n`,
    );
    const ways = document.proposed.filter(({ from }) => from === name);
    if (to === undefined)
      for (const way of ways) io.out(`  ${way.nodes} to ${way.to}, and further ones after them\n`);
    if (!(await agreed(io, yes, `Really move the nodes of ${name}${to === undefined ? '' : ` to ${to}`}?`)))
      return exitCodes.refused;
    const asked = await source.serviceNodeWish({
      kind: 'move',
      serviceNode: name,
      ...(to === undefined ? {} : { to }),
      by: io.user,
    });
    if (!asked.ok) return complain(app, asked.error);
    io.out(`${asked.value.message}\n`);
    return exitCodes.ok;
  });

/** The way home. Without the soak only by a second word. */
export function snFailback(options: SnWishOptions, app: App): Promise<ExitCode> {
  const { name, force, yes } = options;
  const { io } = app;
  if (force && !yes && !io.interactive) {
    io.err(
      '--force leaves out the soak: where nobody can be asked back, say --yes, too. Nothing was changed.\n',
    );
    return Promise.resolve(exitCodes.usage);
  }
  return withServiceNodes(options, app, [name], async (source, document) => {
    const own = document.serviceNodes.find((one) => one.name === name);
    for (const { at, nodes } of document.away.filter(({ home }) => home === name))
      io.out(`From ${at} to ${name}: ${namesText(nodes)}\n`);
    const from = own?.failbackFromWallMs;
    if (force && from !== undefined && from > document.atWallMs)
      io.err(
        `${name} is up since ${formatTime(own?.sinceWallMs ?? 0)} only; the soak ends at ${formatTime(from)}. If it goes down again, its nodes go down with it.\n`,
      );
    const question = force
      ? 'Really bring them home without the soak?'
      : `Really bring them home to ${name}?`;
    if (!(await agreed(io, yes, question))) return exitCodes.refused;
    const asked = await source.serviceNodeWish({
      kind: 'failback',
      serviceNode: name,
      ...(force ? { force } : {}),
      by: io.user,
    });
    if (!asked.ok) return complain(app, asked.error);
    io.out(`${asked.value.message}\n`);
    return exitCodes.ok;
  });
}

export const snCancel = (options: GlobalOptions & { readonly name: string }, app: App): Promise<ExitCode> =>
  withSource(options, app, async (source) => {
    const dropped = await source.serviceNodeCancel({ serviceNode: options.name, by: app.io.user });
    if (!dropped.ok) return complain(app, dropped.error);
    app.io.out(`${dropped.value.message}\n`);
    return exitCodes.ok;
  });

function withServiceNodes(
  options: SnWishOptions,
  app: App,
  names: readonly (string | undefined)[],
  use: (source: Source, document: ServiceNodesDocument) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withSource(options, app, async (source) => {
    const read = await source.serviceNodes();
    if (!read.ok) return complain(app, read.error);
    const known = read.value.serviceNodes.map(({ name }) => name);
    const unknown = names.find((name) => name !== undefined && !known.includes(name));
    if (unknown === undefined) return use(source, read.value);
    const message = `There is no service node ${unknown} in the settings.${didYouMean(unknown, known)} They have ${known.join(', ')}. Nothing was changed.`;
    return complain(app, { code: 'refused', message });
  });
}
