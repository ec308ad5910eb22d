import { randomUUID } from 'node:crypto';
import { type ClusterSettings, type NodeFile, nodeMismatches, readClusterSettings } from '@hamn/config';
import { fail, neverLeads, ok, presentValue, type RawGroup, type Result, readGroup } from '@hamn/core';
import type { StorePort } from '@hamn/engine';
import type { App, GlobalOptions } from '../../app.ts';
import { withGroups } from '../../connect/with-groups.ts';
import { usage, withStore } from '../../connect/with-store.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { formatDuration, listOf } from '../../text/quantities.ts';
import { type LoadedSettings, loadSettings } from '../config/validate.ts';
import { firstKeys } from './first-keys.ts';

export interface InitOptions extends GlobalOptions {
  readonly file: string | undefined;
  /** The group whose settings are taken. */
  readonly from: string | undefined;
}

const limitMs = 10_000;

/** Writes the first keys. It never replaces anything: where one of them exists it refuses. */
export async function init(options: InitOptions, app: App): Promise<ExitCode> {
  const given = options.file === undefined ? undefined : await loadSettings(options.file, app);
  if (given?.ok === false) return usage(app, given.error.message);
  if (given === undefined && options.from === undefined)
    return usage(
      app,
      'Say --file cluster.yaml, or, for a further group of a cluster, --from GROUP: the group whose settings are taken.',
    );
  return withStore(options, app, async (store, file) => {
    const { io } = app;
    const present = await store.read(limitMs);
    if (!present.ok) {
      io.err(
        `etcd does not answer: ${present.error.message} Start etcd on the nodes first. Nothing was changed.\n`,
      );
      return exitCodes.unreachable;
    }
    return withSettings(options, given?.value, file, app, async (loaded) => {
      const mayStart = checkNode(file, loaded.settings, options.group);
      if (!mayStart.ok) return usage(app, mayStart.error.message);
      const against = alreadyThere(present.value, file.cluster, options.group);
      if (against !== undefined) {
        io.err(`${against}\n`);
        return exitCodes.refused;
      }
      return write(store, file, loaded, options.group, app);
    });
  });
}

/** The settings to begin with: the same that every other group has. */
function withSettings(
  { group, from }: InitOptions,
  given: LoadedSettings | undefined,
  file: NodeFile,
  app: App,
  use: (loaded: LoadedSettings) => Promise<ExitCode>,
): Promise<ExitCode> {
  const names = given === undefined ? [from ?? ''] : [...given.settings.groups.keys()];
  const others = names.filter((name) => name !== group);
  return withGroups(file, others, app, async (found) => {
    const refused = (message: string): ExitCode => {
      app.io.err(`${message} Nothing was changed.\n`);
      return exitCodes.refused;
    };
    if (given !== undefined) {
      const other = found.find(({ text }) => text !== given.text);
      if (other === undefined) return use(given);
      return refused(
        `The group ${other.group} has other settings in force, and all groups of a cluster have the same. Apply this file there first (\`hamnctl config apply FILE --group ${other.group}\`), or take what is there: \`hamnctl init --from ${other.group}\`.`,
      );
    }
    const [source] = found;
    if (source === undefined)
      return refused(
        `The group ${from ?? ''} of cluster ${file.cluster} has no settings in etcd. Name one that has with --from.`,
      );
    const read = readClusterSettings(source.text, `etcd's config of group ${source.group}`);
    return read.ok ? use({ text: source.text, settings: read.value }) : refused(read.error.message);
  });
}

function checkNode(file: NodeFile, settings: ClusterSettings, group: string): Result<undefined, 'mismatch'> {
  if (!settings.groups.has(group))
    return fail(
      'mismatch',
      `The settings have no group ${group}, only ${listOf([...settings.groups.keys()])}. Choose with --group.`,
    );
  const mismatches = nodeMismatches({ ...file, group }, settings);
  if (mismatches.length > 0) return fail('mismatch', mismatches.join('\n'));
  const node = settings.nodes.find((other) => other.name === file.node);
  if (node?.role !== 'data' || neverLeads(node))
    return fail(
      'mismatch',
      `${file.node} can never lead (${node?.role === 'data' ? 'priority 0 or nofailover' : 'a witness'}). Run init on the data node whose database is the one to keep.`,
    );
  return ok(undefined);
}

/** A sentence about what is there; a group may be set up only where nothing of it is. */
function alreadyThere(raw: RawGroup, cluster: string, group: string): string | undefined {
  const keys = [...raw.entries.keys()].filter((key) => !key.startsWith('members/'));
  if (keys.length === 0) return undefined;
  const leader = presentValue(readGroup(raw).leader);
  const who = leader?.kind === 'held' ? ` ${leader.holder} holds the term.` : '';
  return (
    `The group ${group} of cluster ${cluster} is there already (${keys.sort().join(', ')}).${who} Nothing was changed. ` +
    '`hamnctl config apply` changes settings; `hamnctl status` shows how it stands.'
  );
}

async function write(
  store: StorePort,
  file: NodeFile,
  { text, settings }: LoadedSettings,
  group: string,
  app: App,
): Promise<ExitCode> {
  const { io } = app;
  const first = firstKeys({
    node: file.node,
    nonce: randomUUID(),
    identity: randomUUID(),
    atWallMs: io.wallMs(),
    termMs: settings.timings.termMs,
    config: text,
  });
  const outcome = await store.transact(first.txn, limitMs);
  if (outcome.kind === 'refused') {
    io.err(
      'Somebody else set the group up at the same moment. Nothing was changed; look at `hamnctl status`.\n',
    );
    return exitCodes.refused;
  }
  if (outcome.kind === 'unknown' && !(await settled(store, first.leader))) {
    io.err(
      `etcd did not say whether the keys were written: ${outcome.reason} Run the same command again: it refuses if they are there.\n`,
    );
    return exitCodes.failed;
  }
  io.out(`${report(file, settings, group)}\n`);
  return exitCodes.ok;
}

/** An answer was lost: the nonce tells whether these keys are ours. */
async function settled(store: StorePort, leader: string): Promise<boolean> {
  const again = await store.read(limitMs);
  return again.ok && again.value.entries.get('leader')?.value === leader;
}

function report(file: NodeFile, settings: ClusterSettings, group: string): string {
  const nodes = settings.groups.get(group)?.nodes ?? [];
  const others = nodes.filter((node) => node.name !== file.node).map((node) => node.name);
  return [
    `The group ${group} of cluster ${file.cluster} is set up: ${file.node} leads first, T is ${formatDuration(settings.timings.termMs)}.`,
    'Now start hamn:',
    `  on ${file.node}:  systemctl enable --now hamn-guard hamnd`,
    ...(others.length === 0
      ? []
      : [
          `  then on ${listOf(others)}, with node file and certificates in place:`,
          '            systemctl enable --now hamn-guard hamnd',
        ]),
    '  and see:  hamnctl status --watch',
  ].join('\n');
}
