import {
  buildExplainFromGroup,
  buildResourcesFromGroup,
  buildStatusFromGroup,
  type ExplainDocument,
  type HistoryDocument,
  type OutputDocument,
  type Problem,
  problem,
  type ResourcesDocument,
  type StatusDocument,
  type StatusInput,
} from '@hamn/api';
import {
  fail,
  type GroupView,
  type HistoryValue,
  historySchema,
  type MemberValue,
  ok,
  type Result,
  readEntry,
  revision,
} from '@hamn/core';
import type { Engine, StorePort } from '@hamn/engine';

const historyMs = 3000;
/** A node publishes every two seconds; after three missed ones etcd counts as away. */
const etcdFreshMs = 7000;

export interface DocumentsOptions {
  readonly cluster: string;
  readonly group: string;
  readonly node: string;
}

const emptyView: GroupView = {
  revision: revision(0),
  clusterId: '',
  leader: { kind: 'absent' },
  heartbeat: { kind: 'absent' },
  state: { kind: 'absent' },
  lease: { kind: 'absent' },
  request: { kind: 'absent' },
  outcome: { kind: 'absent' },
  pause: { kind: 'absent' },
  schedule: { kind: 'absent' },
  resourceWish: { kind: 'absent' },
  config: { kind: 'absent' },
  identity: { kind: 'absent' },
  members: new Map(),
  fencing: new Map(),
  maintenance: new Map(),
  unmanaged: new Map(),
};

const etcdAway = (silentMs: number | undefined): Problem =>
  problem(
    'error',
    silentMs === undefined
      ? 'etcd has not committed anything of this node since hamnd started.'
      : `etcd has not committed anything of this node for ${Math.round(silentMs / 1000)} s.`,
    'Promises carry the term meanwhile, if every elector answers; see docs/runbooks/etcd.md and `hamnctl doctor`.',
  );

/** What hamnd tells its users, made from the newest tick. `engine` is undefined while hamnd still waits for its settings. */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #engine: () => Engine | undefined;
  readonly #store: StorePort;
  readonly #waiting: () => string;
  #history: readonly HistoryValue[] = [];

  constructor(
    options: DocumentsOptions,
    engine: () => Engine | undefined,
    store: StorePort,
    waiting: () => string,
  ) {
    this.#options = options;
    this.#engine = engine;
    this.#store = store;
    this.#waiting = waiting;
  }

  doing(): string {
    return this.#member()?.doing ?? this.#waiting();
  }

  isPrimary(): boolean {
    const engine = this.#engine();
    const member = this.#member();
    const writable = engine?.settings.postgres === undefined || member?.postgres?.state === 'primary';
    return engine?.isHolder() === true && writable;
  }

  isStandby(): boolean {
    const member = this.#member();
    return (
      member?.role === 'standby' && (member.postgres === undefined || member.postgres.streaming === true)
    );
  }

  ready(): boolean {
    return this.isPrimary() || this.isStandby() || this.#member()?.role === 'witness';
  }

  status(): StatusDocument {
    const built = buildStatusFromGroup(this.#input());
    const seen = this.#engine()?.snapshot?.seen;
    const hold = seen?.term.hold;
    const silentMs = this.#engine()?.snapshot?.etcdSilentMs;
    const reachable = silentMs !== undefined && silentMs < etcdFreshMs;
    const status =
      reachable || seen === undefined
        ? built
        : { ...built, problems: [etcdAway(silentMs), ...built.problems] };
    const etcdLeader = seen?.ports.etcdLeader;
    const leader = etcdLeader?.known === true && etcdLeader.value.onThisNode ? this.#options.node : undefined;
    const etcd = { reachable, ...(leader === undefined ? {} : { leader }) };
    if (seen === undefined || hold === undefined || status.term === undefined) return { ...status, etcd };
    const fresh = 2 * seen.settings.timings.intervalMs;
    return {
      ...status,
      etcd,
      term: {
        ...status.term,
        remainingMs: Math.max(0, Math.round(hold.deadline - seen.now)),
        viaEtcd: hold.byEtcdMs !== undefined && hold.byEtcdMs < fresh,
        viaPromises: hold.byPromisesMs !== undefined && hold.byPromisesMs < fresh,
      },
    };
  }

  explain(): ExplainDocument {
    const explain = buildExplainFromGroup(this.#input());
    const snapshot = this.#engine()?.snapshot;
    if (snapshot === undefined) return explain;
    const { seen, decision } = snapshot;
    const inFlight = [...seen.inFlight.values()].map(({ key, since }) => ({
      key,
      forMs: Math.round(seen.now - since),
    }));
    const nodes = explain.nodes.map((node) =>
      node.name === this.#options.node ? { ...node, rules: decision.trace, inFlight } : node,
    );
    return { ...explain, nodes };
  }

  resources(): ResourcesDocument {
    return buildResourcesFromGroup(this.#input());
  }

  /** Of this node only. Errors: `no-output`. */
  output(resource: string): Result<OutputDocument> {
    const output = this.#engine()?.output(resource);
    if (output === undefined)
      return fail(
        'no-output',
        `No program has run for '${resource}' on ${this.#options.node} since hamnd started. \`hamnctl resources\` says where it runs; ask there.`,
      );
    const { at, act, exitCode, text, cut } = output;
    const code = exitCode === undefined ? {} : { exitCode };
    return ok({ schema: 1, node: this.#options.node, resource, act, atWallMs: at, ...code, text, cut });
  }

  async history(): Promise<Result<HistoryDocument>> {
    const listed = await this.#store.list('history/', historyMs);
    if (!listed.ok) return listed;
    const entries = [...listed.value]
      .map(([key, entry]) => readEntry(entry, historySchema, key))
      .flatMap((entry) => (entry.kind === 'present' ? [entry.value] : []));
    this.#history = entries;
    return ok({ schema: 1, cluster: this.#options.cluster, group: this.#options.group, entries });
  }

  #member(): MemberValue | undefined {
    return this.#engine()?.snapshot?.member;
  }

  /** This node's own entry is as new as its last tick, not as its last publication. */
  #input(): StatusInput {
    const engine = this.#engine();
    const snapshot = engine?.snapshot;
    const group = snapshot?.seen.term.group;
    const missing =
      snapshot === undefined
        ? [this.#waiting()]
        : group === undefined
          ? ['etcd has not answered this node yet, so the other nodes are missing.']
          : [];
    const members = new Map((group ?? emptyView).members);
    if (snapshot !== undefined)
      members.set(snapshot.seen.me, { kind: 'present', value: snapshot.member, mod: revision(0) });
    return {
      ...this.#options,
      view: { ...(group ?? emptyView), members },
      source: 'hamnd',
      atWallMs: Date.now(),
      settings: engine?.settings,
      history: this.#history,
      missing,
    };
  }
}
