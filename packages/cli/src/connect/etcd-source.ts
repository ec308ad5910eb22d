import { randomUUID } from 'node:crypto';
import {
  buildExplainFromGroup,
  buildResourcesFromGroup,
  buildServiceNodes,
  buildStatusFromGroup,
  maintenanceValue,
  requestValue,
  type StatusInput,
  scheduleValue,
  serviceNodeWish,
} from '@hamn/api';
import { groupSettings, type NodeFile, readClusterSettings } from '@hamn/config';
import {
  fail,
  type GroupSettings,
  type GroupView,
  type HistoryValue,
  historySchema,
  nodeId,
  ok,
  presentValue,
  type RawGroup,
  type RequestValue,
  type Result,
  readEntry,
  readGroup,
  type ServiceNodesSettings,
} from '@hamn/core';
import {
  againstResourceWish,
  cancelSchedule,
  dropServiceNodeWish,
  endMaintenance,
  endUnmanaged,
  liftPause,
  placeMaintenance,
  placePause,
  placeRequest,
  placeResourceWish,
  placeSchedule,
  placeServiceNodeWish,
  placeUnmanaged,
  type StorePort,
} from '@hamn/engine';
import type { Io } from '../io.ts';
import type { Source, SourceFailure } from './source.ts';

export const etcdLimitMs = 4000;

export interface EtcdSourceOptions {
  readonly file: NodeFile;
  readonly group: string;
  /** Why hamnd is not asked, a sentence. */
  readonly why: string;
}

/** Agents are run by hamnd, which knows what else is under way with a device; a confirmation needs to know how long the node has been silent. */
const onlyHamnd = async (why: string): Promise<Result<never, SourceFailure>> =>
  fail('unreachable', `${why} Only hamnd can fence; start it, or ask on another node. Nothing was changed.`);

const without =
  'Shown is what the nodes last wrote to etcd, without the time that the term has left and without events.';

/** etcd itself, for when hamnd does not answer. */
export function etcdSource({ file, group, why }: EtcdSourceOptions, store: StorePort, io: Io): Source {
  const readGroupView = async (): Promise<Result<GroupView, SourceFailure>> => {
    const view = await readView(store);
    return view.ok ? view : fail('unreachable', `${why} etcd does not answer either: ${view.error.message}`);
  };
  /** Before a write: what is mistyped must not make keys of a group that nobody runs. */
  const readForWrite = async (): Promise<Result<GroupView, SourceFailure>> => {
    const view = await readGroupView();
    if (!view.ok || view.value.leader.kind !== 'absent' || view.value.config.kind !== 'absent') return view;
    return fail(
      'refused',
      `The group ${group} of the cluster ${file.cluster} is not set up. Nothing was changed.`,
    );
  };
  const againstWish = (view: GroupView, what: 'unmanaged' | 'cleanup' | 'run', name: string | undefined) => {
    const settings = settingsOf(view, file.cluster, group);
    return settings.ok ? againstResourceWish(settings.value.resources, what, name) : undefined;
  };
  const input = async (): Promise<Result<StatusInput, SourceFailure>> => {
    const view = await readGroupView();
    if (!view.ok) return view;
    const settings = settingsOf(view.value, file.cluster, group);
    const history = await readHistory(store);
    return ok({
      cluster: file.cluster,
      group,
      view: view.value,
      node: file.node,
      source: 'etcd',
      atWallMs: io.wallMs(),
      settings: settings.ok ? settings.value : undefined,
      history: history.ok ? history.value : undefined,
      missing: [`${why} ${without}`, ...sentence(settings), ...sentence(history)],
    });
  };
  const serviceNodes = async (): Promise<
    Result<{ readonly settings: ServiceNodesSettings; readonly raw: RawGroup }, SourceFailure>
  > => {
    const raw = await store.read(etcdLimitMs);
    if (!raw.ok) return fail('unreachable', `${why} etcd does not answer either: ${raw.error.message}`);
    const settings = settingsOf(readGroup(raw.value), file.cluster, group);
    if (!settings.ok) return fail('refused', settings.error.message);
    const own = settings.value.serviceNodes;
    if (own !== undefined) return ok({ settings: own, raw: raw.value });
    return fail(
      'refused',
      'The settings of this group have no section `serviceNodes`; see docs/service-nodes.md.',
    );
  };
  const onlySenders = async (): Promise<Result<never, SourceFailure>> =>
    fail(
      'unreachable',
      `${why} How far the copies of files are only hamnd knows: start it (systemctl start hamnd).`,
    );
  return {
    kind: 'etcd',
    fileSync: { status: onlySenders, diff: onlySenders, now: onlySenders, adopt: onlySenders },
    status: async () => map(await input(), buildStatusFromGroup),
    explain: async () => map(await input(), buildExplainFromGroup),
    history: async () =>
      map(await readHistory(store), (entries) => ({
        schema: 1 as const,
        cluster: file.cluster,
        group,
        entries,
      })),
    request: async (body) => {
      const view = await readForWrite();
      if (!view.ok) return view;
      const now = io.wallMs();
      const make = (token: number): RequestValue =>
        requestValue(body, { id: randomUUID(), token, atWallMs: now });
      return placeRequest(store, view.value, make, now);
    },
    pause: async ({ by, reason }) => {
      const view = await readForWrite();
      if (!view.ok) return view;
      const value = { by, reason, sinceWallMs: io.wallMs() };
      return map(await placePause(store, group, view.value, value), (message) => ({ message }));
    },
    acceptMachine: async () =>
      fail(
        'unreachable',
        'Only hamnd can write that down: start it on this machine (systemctl start hamnd).',
      ),
    resume: async () => {
      const view = await readForWrite();
      if (!view.ok) return view;
      return map(await liftPause(store, group, view.value), (message) => ({ message }));
    },
    schedule: async (body) => {
      const view = await readForWrite();
      if (!view.ok) return view;
      const now = io.wallMs();
      const placed = await placeSchedule(store, view.value, (token) =>
        scheduleValue(body, { id: randomUUID(), token, atWallMs: now }),
      );
      return map(placed, (message) => ({ message }));
    },
    cancelSchedule: async () => {
      const view = await readForWrite();
      if (!view.ok) return view;
      return map(await cancelSchedule(store, view.value), (message) => ({ message }));
    },
    maintenance: async (body) => {
      const view = await readForWrite();
      if (!view.ok) return view;
      const changed = body.on
        ? await placeMaintenance(store, view.value, maintenanceValue(body, io.wallMs()))
        : await endMaintenance(store, view.value, nodeId(body.node));
      return map(changed, (message) => ({ message }));
    },
    resources: async () => map(await input(), buildResourcesFromGroup),
    resourceOutput: async () =>
      fail('unreachable', `${why} What a program said only hamnd knows; the journal has it, too.`),
    unmanaged: async ({ resource, on, by, reason }) => {
      const view = await readForWrite();
      if (!view.ok) return view;
      const against = on ? againstWish(view.value, 'unmanaged', resource) : undefined;
      if (against !== undefined) return fail('refused', `${against} Nothing was changed.`);
      const sinceWallMs = io.wallMs();
      const changed = on
        ? await placeUnmanaged(store, view.value, { resource, by, reason, sinceWallMs })
        : await endUnmanaged(store, view.value, resource);
      return map(changed, (message) => ({ message }));
    },
    resourceWish: async (body) => {
      const view = await readForWrite();
      if (!view.ok) return view;
      const against = againstWish(view.value, body.what, body.resource);
      if (against !== undefined) return fail('refused', `${against} Nothing was changed.`);
      const wish = { id: randomUUID(), ...body, atWallMs: io.wallMs() };
      return map(await placeResourceWish(store, view.value, wish), (message) => ({ message }));
    },
    fenceLook: () => onlyHamnd(why),
    fence: () => onlyHamnd(why),
    confirmOff: () => onlyHamnd(why),
    serviceNodes: async () =>
      map(await serviceNodes(), ({ settings, raw }) =>
        buildServiceNodes({ settings, raw, node: file.node, atWallMs: io.wallMs() }),
      ),
    serviceNodeWish: async (body) => {
      const known = await serviceNodes();
      if (!known.ok) return known;
      const { settings, raw } = known.value;
      const wish = serviceNodeWish(body, { id: randomUUID(), nowWallMs: io.wallMs() });
      return map(await placeServiceNodeWish(store, settings, raw, wish), (message) => ({ message }));
    },
    serviceNodeCancel: async ({ serviceNode }) => {
      const known = await serviceNodes();
      if (!known.ok) return known;
      return map(await dropServiceNodeWish(store, known.value.raw, serviceNode), (message) => ({ message }));
    },
    close: () => store.close(),
  };
}

export async function readView(store: StorePort): Promise<Result<GroupView, SourceFailure>> {
  const raw = await store.read(etcdLimitMs);
  return raw.ok ? ok(readGroup(raw.value)) : fail('unreachable', raw.error.message);
}

async function readHistory(store: StorePort): Promise<Result<readonly HistoryValue[], SourceFailure>> {
  const raw = await store.list('history/', etcdLimitMs);
  if (!raw.ok) return fail('unreachable', `The history cannot be read. ${raw.error.message}`);
  const values = [...raw.value].flatMap(([key, entry]) => {
    const read = readEntry(entry, historySchema, key);
    return read.kind === 'present' ? [read.value] : [];
  });
  return ok(values.sort((a, b) => a.token - b.token));
}

function settingsOf(view: GroupView, cluster: string, group: string): Result<GroupSettings> {
  const text = presentValue(view.config);
  if (text === undefined)
    return fail('absent', 'The group has no settings in etcd, so VIPs and modes are not shown.');
  const read = readClusterSettings(text, 'config in etcd');
  if (!read.ok)
    return fail('bad-config', 'The settings in etcd cannot be read; `hamnctl config validate` says why.');
  const settings = groupSettings(read.value, cluster, group);
  return settings === undefined ? fail('no-group', `The settings have no group ${group}.`) : ok(settings);
}

const sentence = (result: Result<unknown>): readonly string[] => (result.ok ? [] : [result.error.message]);

const map = <A, B, Code extends string>(result: Result<A, Code>, change: (value: A) => B): Result<B, Code> =>
  result.ok ? ok(change(result.value)) : result;
