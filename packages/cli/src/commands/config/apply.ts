import type { NodeFile } from '@hamn/config';
import { type GroupView, revision } from '@hamn/core';
import type { StorePort } from '@hamn/engine';
import { writeKey } from '@hamn/engine';
import type { App, GlobalOptions } from '../../app.ts';
import { readView } from '../../connect/etcd-source.ts';
import { complain } from '../../connect/open-source.ts';
import { groupsIn, type SetUpGroup, withGroups } from '../../connect/with-groups.ts';
import { usage, withStore } from '../../connect/with-store.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { agreed } from '../../io.ts';
import { paint } from '../../text/colour.ts';
import { listOf } from '../../text/quantities.ts';
import { againstSettings, notesOnSettings } from './consequences.ts';
import { diffLines, renderDiff } from './diff.ts';
import { type LoadedSettings, loadSettings } from './validate.ts';

export interface ApplyOptions extends GlobalOptions {
  readonly file: string;
  readonly dryRun: boolean;
  readonly revision: number | undefined;
  readonly yes: boolean;
}

/** Checks, shows the difference and puts the text in force, if nobody changed it since it was read. Every group has the whole text. */
export async function applyConfig(options: ApplyOptions, app: App): Promise<ExitCode> {
  const loaded = await loadSettings(options.file, app);
  if (!loaded.ok) return usage(app, loaded.error.message);
  return withStore(options, app, async (store, file) => {
    const view = await readView(store);
    if (!view.ok) return complain(app, view.error);
    return replaceSettings(options, { store, view: view.value, file }, loaded.value, app);
  });
}

export type ReplaceOptions = Omit<ApplyOptions, 'file'>;

export interface Place {
  readonly store: StorePort;
  readonly view: GroupView;
  readonly file: NodeFile;
}

/** Shows the difference and puts checked settings in force for every group that is set up, unless somebody changed them since they were read. */
export async function replaceSettings(
  options: ReplaceOptions,
  { store, view, file }: Place,
  loaded: LoadedSettings,
  app: App,
): Promise<ExitCode> {
  const { config } = view;
  const { group, revision: wanted } = options;
  if (config.kind !== 'present') return refuse(againstSettings(view, loaded.settings, { group, file }), app);
  if (wanted !== undefined && wanted !== config.mod) {
    const are = `The settings have revision ${config.mod}, not ${wanted}. Look at them again.`;
    return refuse(are, app);
  }
  const own: SetUpGroup = { group, store, view, text: config.value };
  const names = new Set([...loaded.settings.groups.keys(), ...groupsIn(config.value)]);
  names.delete(group);
  return withGroups(file, [...names], app, async (others) => {
    const all = [own, ...others];
    for (const each of all) {
      const against = againstSettings(each.view, loaded.settings, { group: each.group, file });
      if (against !== undefined) return refuse(against, app);
    }
    return putInForce(options, all, loaded, app);
  });
}

function refuse(why: string | undefined, { io }: App): ExitCode {
  io.err(`${why ?? 'There are no settings to replace.'} Nothing was changed.\n`);
  return exitCodes.refused;
}

async function putInForce(
  options: ReplaceOptions,
  all: readonly SetUpGroup[],
  { text, settings }: LoadedSettings,
  app: App,
): Promise<ExitCode> {
  const { io } = app;
  const behind = all.filter((each) => each.text !== text);
  if (behind.length === 0) {
    const revisions = all.map(({ view }) => (view.config.kind === 'present' ? view.config.mod : 0));
    io.out(`Nothing to do: these settings are in force already (revision ${revisions.join(', ')}).\n`);
    return exitCodes.ok;
  }
  showDifferences(behind, text, app);
  for (const { view, group } of behind)
    for (const note of notesOnSettings(view, settings, group)) io.err(`Note: ${note}\n`);
  if (options.dryRun) {
    io.out('This was a dry run; nothing was changed.\n');
    return exitCodes.ok;
  }
  if (!(await agreed(io, options.yes, 'Put these settings in force?'))) return exitCodes.refused;
  for (const [index, { store, view, group }] of behind.entries()) {
    const { config } = view;
    const mod = config.kind === 'present' ? config.mod : revision(0);
    const written = await writeKey(store, 'config', text, [{ key: 'config', mod }]);
    if (written.ok) continue;
    if (index > 0) io.err(`The group ${group} has not taken the settings yet: run the same command again.\n`);
    return complain(app, written.error);
  }
  io.out(
    'The settings are in force; every node takes them within moments. `hamnctl status` names one that does not.\n',
  );
  return exitCodes.ok;
}

/** Groups with the same text before have the same difference. */
function showDifferences(behind: readonly SetUpGroup[], text: string, { io }: App): void {
  const before = new Set(behind.map((each) => each.text));
  for (const old of before) {
    if (before.size > 1) {
      const groups = behind.filter((each) => each.text === old).map(({ group }) => group);
      io.out(`Group ${listOf(groups)}:\n`);
    }
    io.out(`${renderDiff(diffLines(old, text), paint(io.color))}\n`);
  }
}
