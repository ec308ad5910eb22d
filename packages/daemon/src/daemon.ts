import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { NodeFile } from '@hamn/config';
import { type GroupSettings, type GuardRecord, memberKey, postgresSite, readGroup } from '@hamn/core';
import {
  Engine,
  type FencingPort,
  type GuardPort,
  type ServiceNodesKeeper,
  type StorePort,
} from '@hamn/engine';
import type { FileSync } from '@hamn/filesync';
import { bootId } from '@hamn/linux';
import type { Peers } from '@hamn/peer';
import { Journal, Metrics } from '@hamn/telemetry';
import { Control, type KnownHere, knownHere } from './control.ts';
import { Documents } from './documents.ts';
import { FencingControl } from './fencing-control.ts';
import { FileSyncControl } from './file-sync-control.ts';
import { sendError } from './http/answers.ts';
import { type Caller, route } from './http/router.ts';
import { listenHttps, listenSocket, type TlsFiles } from './http/servers.ts';
import { ChassisWatch } from './node/chassis-watch.ts';
import { systemClock } from './node/clock.ts';
import { ConfigFollower } from './node/config-follower.ts';
import { LocalFactsFile } from './node/local-facts.ts';
import { restartKeepingTerm } from './node/restart.ts';
import { SettingsCache } from './node/settings-source.ts';
import { isStoppedForGood } from './node/stop-reason.ts';
import { ServiceNodesControl } from './service-nodes-control.ts';
import { version } from './version.ts';
import { peerAddresses, wireGuard, wirePeers, wirePorts, wireServiceNodes, wireStore } from './wiring.ts';

const guardAnswerMs = 200;
const readEveryMs = 1000;
const readMs = 2000;
/** Below the unit's TimeoutStopSec. */
const leaveMs = 100_000;
const leavePollMs = 20;
const withdrawMs = 1000;

/** One hamnd: it resumes the term if the guard still holds it, else waits for the settings, and serves its users meanwhile. */
export class Daemon {
  readonly #file: NodeFile;
  readonly #tls: TlsFiles;
  readonly #journal: Journal;
  readonly #metrics: Metrics;
  readonly #guard: GuardPort;
  readonly #peers: Peers;
  readonly #cache: SettingsCache;
  readonly #follower: ConfigFollower;
  readonly #local: LocalFactsFile;
  readonly #chassis: ChassisWatch;
  #store: StorePort;
  #engine: Engine | undefined;
  #fencing: FencingPort | undefined;
  #fileSync: FileSync | undefined;
  #serviceNodes: ServiceNodesKeeper | undefined;
  #settings: GroupSettings | undefined;
  #waiting = 'hamnd has just started.';
  #listenProblems: string[] = [];

  constructor(file: NodeFile, tls: TlsFiles) {
    const { group } = file;
    this.#file = file;
    this.#tls = tls;
    mkdirSync(file.stateDirectory, { recursive: true, mode: 0o700 });
    const events = join(file.stateDirectory, 'events.jsonl');
    this.#journal = new Journal({
      node: file.node,
      group,
      level: file.logLevel,
      file: events,
      wallMs: systemClock.wallMs,
    });
    this.#metrics = new Metrics({ cluster: file.cluster, group, node: file.node, version });
    this.#journal.follow((event) => this.#metrics.count(event));
    this.#guard = wireGuard(file);
    this.#peers = wirePeers(file, tls, systemClock);
    this.#cache = new SettingsCache(file);
    this.#local = new LocalFactsFile(file.stateDirectory);
    this.#chassis = new ChassisWatch(this.#local);
    this.#follower = new ConfigFollower({
      file,
      cache: this.#cache,
      journal: this.#journal,
      onSettings: (settings) => this.#useSettings(settings),
    });
    this.#store = wireStore(file, tls, witnessesOf(this.#cache.read()), systemClock);
  }

  get journal(): Journal {
    return this.#journal;
  }

  /** Ends when hamnd serves. The engine may still wait for its settings. */
  async start(): Promise<void> {
    this.#chassis.begin(this.#journal);
    const cached = this.#cache.read();
    const resume =
      cached === undefined || this.#file.role === 'witness' ? undefined : await this.#termOfTheGuard();
    if (cached !== undefined) this.#startEngine(cached, resume);
    await this.#listen();
    if (this.#engine === undefined) this.#awaitSettings();
  }

  /**
   * A restart leaves the node as it is: the following hamnd goes on with the term. When systemd stops the unit for good (by hand, or because the
   * machine goes down) the role is handed over first.
   */
  async stop(): Promise<void> {
    if (this.#engine?.isHolder() === true && (await isStoppedForGood())) await this.#leave(this.#engine);
    this.#serviceNodes?.stop();
    this.#engine?.stop();
    await this.#store.close();
    this.#journal.flush();
  }

  async #leave(engine: Engine): Promise<void> {
    const message = 'hamnd is stopped for good on this node.';
    this.#journal.write({ event: 'leaving', level: 'info', message });
    engine.leave(message);
    const giveUpAt = systemClock.now() + leaveMs;
    while (engine.isHolder() && systemClock.now() < giveUpAt) {
      await new Promise<void>((resolve) => systemClock.after(leavePollMs, resolve));
    }
    engine.stop();
    // What this node said of itself is no longer true; its lease would keep it for some seconds.
    await this.#store.withdraw(memberKey(this.#file.node), withdrawMs);
  }

  async #termOfTheGuard(): Promise<GuardRecord | undefined> {
    const guard = await this.#guard.observe(guardAnswerMs);
    if (!guard.ok || guard.value.state !== 'armed') return undefined;
    const { record } = guard.value;
    return record !== undefined && record.deadline > systemClock.now() ? record : undefined;
  }

  #startEngine(settings: GroupSettings, resume: GuardRecord | undefined): void {
    const file = this.#file;
    this.#settings = settings;
    this.#peers.setNodes(peerAddresses(settings));
    const shared = {
      clock: systemClock,
      store: this.#store,
      guard: this.#guard,
      peers: this.#peers,
      local: this.#local,
      journal: this.#journal,
    };
    const { ports, fileSync } = wirePorts(file, settings, shared);
    const identity = { version, bootId: bootId(), syncKeys: () => fileSync?.announcement() };
    this.#fileSync = fileSync;
    this.#fencing = ports.fencing;
    const engine = new Engine(
      {
        me: file.node,
        settings,
        identity,
        onTick: ({ seen }) => {
          fileSync?.see(seen);
          if (seen.term.group !== undefined) this.#follower.apply(engine, seen.term.group.config);
        },
        moreProblems: () => [
          ...this.#follower.problems,
          ...this.#listenProblems,
          ...this.#chassis.problems(file.role === 'witness' ? undefined : this.#settings),
        ],
      },
      ports,
    );
    this.#engine = engine;
    engine.start(resume);
    this.#serviceNodes = wireServiceNodes(file, engine, shared);
    this.#serviceNodes?.start();
  }

  /** Without settings nothing is known of the group: etcd is read until it has them. */
  #awaitSettings(): void {
    this.#store.read(readMs).then(
      (read) => {
        const settings = read.ok ? this.#follower.take(readGroup(read.value).config) : undefined;
        if (settings !== undefined) return this.#startEngine(settings, undefined);
        this.#waiting = this.#whyWaiting(read);
        systemClock.after(readEveryMs, () => this.#awaitSettings());
      },
      () => systemClock.after(readEveryMs, () => this.#awaitSettings()),
    );
  }

  #whyWaiting(read: Awaited<ReturnType<StorePort['read']>>): string {
    const [problem] = this.#follower.problems;
    const text = !read.ok
      ? `hamnd waits for etcd: ${read.error.message}`
      : (problem ?? 'hamnd waits for the group to be initialised: run hamnctl init on the first node.');
    if (text !== this.#waiting) this.#journal.write({ event: 'waiting', level: 'warn', message: text });
    return text;
  }

  /** What cannot be changed while it runs is changed by a restart, which disturbs nobody. */
  #useSettings(settings: GroupSettings): void {
    this.#peers.setNodes(peerAddresses(settings));
    const before = this.#settings;
    this.#settings = settings;
    if (before === undefined || siteText(before) === siteText(settings)) return;
    const message =
      'Another PostgreSQL is named in the settings: hamnd restarts to use it; the term goes on.';
    this.#journal.write({ event: 'config.restart', level: 'info', message });
    restartKeepingTerm(
      () => this.#engine?.remainingMs(),
      settings.timings,
      () => {
        this.#journal.flush();
        process.exit(0);
      },
    );
  }

  async #listen(): Promise<void> {
    const file = this.#file;
    const { cluster, group, node } = file;
    const documents = new Documents(
      { cluster, group, node },
      () => this.#engine,
      this.#store,
      () => this.#waiting,
    );
    const fencing = new FencingControl(
      file.node,
      () => this.#engine,
      () => this.#fencing,
      this.#journal,
    );
    const fileSync = new FileSyncControl(file.node, () => this.#fileSync, this.#journal);
    const serviceNodes = new ServiceNodesControl(file.node, {
      settings: () => this.#engine?.settings.serviceNodes,
      store: this.#store,
      journal: this.#journal,
      onWish: () => this.#serviceNodes?.nudge(),
    });
    const handler = (caller: Caller, request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const engine = this.#engine;
      if (engine === undefined && caller === 'admin' && request.method === 'POST') {
        sendError(response, 503, 'waiting', this.#waiting);
        return Promise.resolve();
      }
      const known = (): KnownHere | undefined => {
        const seen = engine?.snapshot?.seen;
        return seen === undefined ? undefined : knownHere(seen);
      };
      const control = new Control(known, this.#store, this.#local, this.#journal);
      const metricsText = async () => ({
        type: this.#metrics.contentType,
        text: await this.#metrics.text(engine?.snapshot, await fileSync.reports()),
      });
      const controls = { control, fencing, serviceNodes, fileSync };
      const deps = { group, documents, ...controls, journal: this.#journal, metricsText };
      return route(deps, caller, request, response);
    };
    const servers = [
      await listenSocket(file.socket, handler),
      await listenHttps(
        {
          tls: this.#tls,
          port: file.api.port,
          host: file.api.listen,
          isNode: (address) => this.#settings?.nodes.some((node) => node.address === address) === true,
          peers: (request, response) => this.#peers.handle(request, response),
        },
        handler,
      ),
    ];
    for (const server of servers) {
      if (server.ok) continue;
      this.#listenProblems.push(server.error.message);
      this.#journal.write({ event: 'listen.failed', level: 'error', message: server.error.message });
    }
  }
}

const siteText = ({ postgres }: GroupSettings): string =>
  postgres === undefined ? '' : JSON.stringify(postgresSite(postgres));

const witnessesOf = (settings: GroupSettings | undefined): readonly string[] =>
  (settings?.nodes ?? []).filter((node) => node.role === 'witness').map((node) => node.address);
