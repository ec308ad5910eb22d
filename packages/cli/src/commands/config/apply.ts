import type { GroupView } from '@hamn/core';
import type { StorePort } from '@hamn/engine';
import { writeKey } from '@hamn/engine';
import type { App, GlobalOptions } from '../../app.ts';
import { readView } from '../../connect/etcd-source.ts';
import { complain } from '../../connect/open-source.ts';
import { usage, withStore } from '../../connect/with-store.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { agreed } from '../../io.ts';
import { paint } from '../../text/colour.ts';
import { againstSettings, notesOnSettings } from './consequences.ts';
import { diffLines, renderDiff } from './diff.ts';
import { type LoadedSettings, loadSettings } from './validate.ts';

export interface ApplyOptions extends GlobalOptions {
  readonly file: string;
  readonly dryRun: boolean;
  readonly revision: number | undefined;
  readonly yes: boolean;
}

/** Checks, shows the difference and puts the text in force, if nobody changed it since it was read. */
export async function applyConfig(options: ApplyOptions, app: App): Promise<ExitCode> {
  const loaded = await loadSettings(options.file, app);
  if (!loaded.ok) return usage(app, loaded.error.message);
  return withStore(options, app, async (store, file) => {
    const view = await readView(store);
    if (!view.ok) return complain(app, view.error);
    const { settings } = loaded.value;
    const against = againstSettings(view.value, settings, { group: options.group, file });
    if (against !== undefined) {
      app.io.err(`${against} Nothing was changed.\n`);
      return exitCodes.refused;
    }
    return replaceSettings(options, store, view.value, loaded.value, app);
  });
}

export type ReplaceOptions = Omit<ApplyOptions, 'file'>;

/** Shows the difference and puts checked settings in force, unless somebody changed them since they were read. */
export async function replaceSettings(
  options: ReplaceOptions,
  store: StorePort,
  view: GroupView,
  { text, settings }: LoadedSettings,
  app: App,
): Promise<ExitCode> {
  const { io } = app;
  const { config } = view;
  if (config.kind !== 'present') return usage(app, 'There are no settings to replace.');
  if (options.revision !== undefined && options.revision !== config.mod) {
    io.err(
      `The settings have revision ${config.mod}, not ${options.revision}. Look at them again. Nothing was changed.\n`,
    );
    return exitCodes.refused;
  }
  const difference = renderDiff(diffLines(config.value, text), paint(io.color));
  if (difference === '') {
    io.out(`Nothing to do: these settings are in force already (revision ${config.mod}).\n`);
    return exitCodes.ok;
  }
  io.out(`${difference}\n`);
  for (const note of notesOnSettings(view, settings, options.group)) io.err(`Note: ${note}\n`);
  if (options.dryRun) {
    io.out('This was a dry run; nothing was changed.\n');
    return exitCodes.ok;
  }
  if (!(await agreed(io, options.yes, 'Put these settings in force?'))) return exitCodes.refused;
  const written = await writeKey(store, 'config', text, [{ key: 'config', mod: config.mod }]);
  if (!written.ok) return complain(app, written.error);
  io.out(
    'The settings are in force; every node takes them within moments. `hamnctl status` names one that does not.\n',
  );
  return exitCodes.ok;
}
