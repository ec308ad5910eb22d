import type { StatusDocument } from '@hamn/api';
import { formatErrors, readClusterSettings } from '@hamn/config';
import type { GroupView, Revision } from '@hamn/core';
import type { StorePort } from '@hamn/engine';
import type { App, GlobalOptions } from '../../app.ts';
import { readView } from '../../connect/etcd-source.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import { usage, withStore } from '../../connect/with-store.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { type ReplaceOptions, replaceSettings } from '../config/apply.ts';
import { changeParameters, type ParameterChange, readChange } from './parameter-text.ts';

const place = 'the settings in etcd';

interface InForce {
  readonly view: GroupView;
  readonly text: string;
  readonly mod: Revision;
}

/** The settings that stand in etcd; an exit code when there are none, or etcd cannot be read. */
async function settingsInForce(store: StorePort, app: App): Promise<InForce | ExitCode> {
  const view = await readView(store);
  if (!view.ok) return complain(app, view.error);
  const { config } = view.value;
  return config.kind === 'present'
    ? { view: view.value, text: config.value, mod: config.mod }
    : usage(app, 'There are no settings yet; `hamnctl init` sets them up.');
}

/** What `postgres.parameters` of the group has in force. */
export function showParameters(options: GlobalOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  return withStore(options, app, async (store) => {
    const found = await settingsInForce(store, app);
    if (typeof found === 'number') return found;
    const { text, mod } = found;
    const read = readClusterSettings(text, place);
    if (!read.ok) return usage(app, read.error.message);
    const parameters = Object.entries(read.value.groups.get(options.group)?.postgres?.parameters ?? {});
    for (const [name, value] of parameters) io.out(`${name} = ${value}\n`);
    if (parameters.length === 0)
      io.out('No parameters are set here: PostgreSQL has its own files’ values and what hamn needs.\n');
    io.err(`Revision ${mod}. What hamn itself sets, and why, is in hamn.conf on each node.\n`);
    return exitCodes.ok;
  });
}

export interface SetOptions extends ReplaceOptions {
  readonly changes: readonly string[];
}

/** Changes the settings in etcd under a compare, as `config apply` would; every node then takes them. */
export function setParameters(options: SetOptions, app: App): Promise<ExitCode> {
  const changes: ParameterChange[] = [];
  for (const text of options.changes) {
    const change = readChange(text);
    if (!change.ok) return Promise.resolve(usage(app, change.error.message));
    changes.push(change.value);
  }
  return withStore(options, app, async (store, file) => {
    const found = await settingsInForce(store, app);
    if (typeof found === 'number') return found;
    const changed = changeParameters(found.text, options.group, changes);
    if (!changed.ok) return usage(app, changed.error.message);
    const read = readClusterSettings(changed.value, place);
    if (!read.ok) return usage(app, read.error.message);
    if (read.warnings.length > 0) app.io.err(`${formatErrors(place, read.warnings)}\n`);
    const loaded = { text: changed.value, settings: read.value };
    const code = await replaceSettings(options, { store, view: found.view, file }, loaded, app);
    if (code === exitCodes.ok && !options.dryRun)
      app.io.out(
        '`hamnctl pg config restart-pending` tells which of them wait for a restart of PostgreSQL.\n',
      );
    return code;
  });
}

/** Node by node, from what each says of itself. */
export const showPending = (options: GlobalOptions, app: App): Promise<ExitCode> =>
  withSource(options, app, async (source) => {
    const status = await source.status();
    if (!status.ok) return complain(app, status.error);
    const { lines, waits } = pendingText(status.value);
    for (const line of lines) app.io.out(`${line}\n`);
    if (waits) app.io.out('`hamnctl pg restart --pending-only` restarts these, standbys first.\n');
    return waits ? exitCodes.problems : exitCodes.ok;
  });

export function pendingText({ nodes }: StatusDocument): {
  readonly lines: readonly string[];
  readonly waits: boolean;
} {
  const data = nodes.filter((node) => node.role !== 'witness');
  const lines = data.map(({ name, reachable, postgres }) => {
    const pending = postgres?.restartPending ?? [];
    if (pending.length > 0) return `${name}: ${pending.join(', ')}`;
    return reachable ? `${name}: nothing waits for a restart` : `${name}: not heard of, so it is not known`;
  });
  return { lines, waits: data.some(({ postgres }) => (postgres?.restartPending ?? []).length > 0) };
}
