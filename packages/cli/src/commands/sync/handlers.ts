import type { FileSyncDocument } from '@hamn/api';
import { didYouMean } from '@hamn/core';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import type { Source } from '../../connect/source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { agreed } from '../../io.ts';
import { renderDiff, renderFileSync } from './render.ts';

export interface SyncOptions extends GlobalOptions {
  readonly name: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Exit code `problems`: a copy is not level, or something of the list is not copied. */
export const syncStatus = (options: SyncOptions, app: App): Promise<ExitCode> =>
  withSource(options, app, async (source) => {
    const read = await source.fileSync.status();
    if (!read.ok) return complain(app, read.error);
    const { io } = app;
    io.out(
      options.json
        ? `${JSON.stringify(read.value, undefined, 2)}\n`
        : `${renderFileSync(read.value, { width: io.columns, color: io.color })}\n`,
    );
    return isWell(read.value) ? exitCodes.ok : exitCodes.problems;
  });

/** Exit code `problems`: something differs, or it is not known. */
export const syncDiff = (options: SyncOptions, app: App): Promise<ExitCode> =>
  withResource(options, app, async (source, name) => {
    const read = await source.fileSync.diff(name);
    if (!read.ok) return complain(app, read.error);
    app.io.out(
      options.json ? `${JSON.stringify(read.value, undefined, 2)}\n` : `${renderDiff(read.value)}\n`,
    );
    return read.value.diffs.every(({ known, count }) => known && count === 0)
      ? exitCodes.ok
      : exitCodes.problems;
  });

export const syncWish = (what: 'now' | 'adopt', options: SyncOptions, app: App): Promise<ExitCode> =>
  withResource(options, app, async (source, name) => {
    const { io } = app;
    if (what === 'adopt' && !options.yes && !io.interactive) {
      io.err(
        'adopt replaces the files of all other nodes: where nobody can be asked back, say --yes. Nothing was changed.\n',
      );
      return exitCodes.usage;
    }
    const question = `Really let the files of ${name} on this node replace those of all other nodes?`;
    if (what === 'adopt' && !(await agreed(io, options.yes, question))) return exitCodes.refused;
    const done = await source.fileSync[what]({ resource: name, by: io.user });
    if (!done.ok) return complain(app, done.error);
    io.out(`${done.value.message}\n`);
    return exitCodes.ok;
  });

/** The one that is named, or the only one that there is. */
const withResource = (
  options: SyncOptions,
  app: App,
  use: (source: Source, name: string) => Promise<ExitCode>,
): Promise<ExitCode> =>
  withSource(options, app, async (source) => {
    const read = await source.fileSync.status();
    if (!read.ok) return complain(app, read.error);
    const { resources } = read.value;
    const name = options.name ?? (resources.length === 1 ? resources[0] : undefined);
    if (name !== undefined && resources.includes(name)) return use(source, name);
    const legal = resources.length === 0 ? 'There is none.' : `They are ${resources.join(', ')}.`;
    app.io.err(
      name === undefined
        ? `Say which resource of kind sync. ${legal}\n`
        : `There is no resource '${name}' of kind sync.${didYouMean(name, resources)} ${legal}\n`,
    );
    return exitCodes.usage;
  });

const isWell = ({ resources, senders, node, primary }: FileSyncDocument): boolean =>
  node !== primary
    ? true
    : senders.length === resources.length &&
      senders.every(
        ({ troubles, copies }) =>
          troubles.length === 0 && copies.every(({ state }) => state === 'level' || state === 'behind'),
      );
