import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  done,
  fail,
  type Observation,
  ok,
  type ResourceKind,
  type ResourceLook,
  type ResourceSettings,
  type Result,
  type SyncResource,
} from '@hamn/core';
import {
  type ClockPort,
  type Deadline,
  type JournalPort,
  type Permit,
  pause,
  type ResourceFailure,
  type TransientPort,
  termOver,
  type UnitPort,
} from '@hamn/engine';
import { askDiff, askReport } from './ask-sender.ts';
import { type FileSyncOptions, type Places, placesOf, runDirectoryOf } from './node/folders.ts';
import { type GroupSight, sightOf } from './node/group-sight.ts';
import { judgeSender } from './node/judge.ts';
import { keyFileIn, type OwnKeys, ownKeys } from './node/keys.ts';
import { KnownPeers } from './node/known-peers.ts';
import { Leftovers } from './node/leftovers.ts';
import {
  endSessions,
  lacking,
  renewReceiver,
  replaceWhereOther,
  startReceiver,
  writeReceiverFiles,
} from './node/receiver.ts';
import { killUnits, processesOf, startUnit, stopUnits } from './node/units.ts';
import { makeFolder, writePermit } from './receiver/permit.ts';
import type { DiffReport, SenderReport } from './report.ts';
import type { SenderPlan } from './sender/plan.ts';

export interface FileSyncDeps {
  readonly clock: ClockPort;
  readonly journal: JournalPort;
  readonly units: UnitPort & TransientPort;
}

/** One call for a resource, as the adapter of resources gives it. */
export interface SyncCall {
  readonly settings: ResourceSettings;
  readonly what: ResourceKind;
  readonly limit: Deadline;
}

type Outcome<T = undefined> = Promise<Result<T, ResourceFailure>>;

const pollMs = 50;
const askMs = 2000;

/** Resources of kind `sync` on this node: it receives as a standby and, promoted, sends. The sender is a process of its own, which a busy tree cannot make hamnd wait for. */
export class FileSync {
  readonly #options: FileSyncOptions;
  readonly #deps: FileSyncDeps;
  readonly #peers: KnownPeers;
  readonly #leftovers: Leftovers;
  #keys: OwnKeys | undefined;
  #making: Promise<Result<OwnKeys, 'unusable'>> | undefined;
  #sight: GroupSight | undefined;
  #resources: readonly ResourceSettings[] = [];
  #told = '';

  constructor(options: FileSyncOptions, deps: FileSyncDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#peers = new KnownPeers(join(options.stateDirectory, 'peers.json'));
    this.#leftovers = new Leftovers(runDirectoryOf(options), options.group, deps);
  }

  /** The public halves, for the others; undefined while there are none. */
  announcement(): OwnKeys | undefined {
    return this.#keys;
  }

  /** After each tick: who may send to this node, and who is sent to. Never throws. */
  see(seen: Observation): void {
    this.#resources = seen.settings.resources.filter(({ what }) => what.kind === 'sync');
    this.#leftovers.see(this.names);
    if (this.#resources.length === 0) return;
    const before = this.#sight?.receiver.token ?? 0;
    const sight = sightOf(seen);
    this.#sight = sight;
    for (const [name, keys] of sight.announced)
      if (name !== this.#options.node) this.#try(() => this.#peers.learn(name, keys));
    if (this.#keys === undefined) void this.#ownKeys();
    for (const resource of this.#resources)
      this.#try(() => this.#refresh(resource, sight, sight.receiver.token > before));
  }

  async look(call: SyncCall): Outcome<ResourceLook> {
    const places = this.#places(call);
    if (processesOf(places.senderUnit).length > 0) {
      const report = await askReport(places.folder, 'status', Math.min(askMs, call.limit.leftMs()));
      if (report.ok) return ok(judgeSender(report.value));
      if (report.error.code === 'timeout') return fail('timeout', report.error.message);
      return ok({ level: 'failed', sure: false, reason: report.error.message });
    }
    const level = processesOf(places.receiverUnit).length > 0 ? 'running' : 'stopped';
    return ok({ level, sure: true, reason: undefined });
  }

  async start(call: SyncCall): Outcome {
    const missing = lacking();
    if (missing !== undefined) return fail('unusable', missing);
    const keys = await this.#ownKeys();
    if (!keys.ok) return keys;
    const places = this.#places(call);
    makeFolder(places.folder);
    writePermit(places.folder, this.#sight?.receiver, this.#deps.clock.now());
    writeReceiverFiles(places, whatOf(call), this.#otherKeys());
    return startReceiver(this.#deps, places, whatOf(call), call.limit);
  }

  /** What receives is ended before anything is sent. */
  async promote(call: SyncCall, permit: Permit): Outcome {
    const places = this.#places(call);
    const token = this.#sight?.token;
    if (token === undefined) return termOver('the sender of files was started');
    if (processesOf(places.senderUnit).length > 0) {
      const report = await askReport(places.folder, 'status', Math.min(askMs, call.limit.leftMs() / 2));
      if (report.ok && report.value.token === token) return done;
    }
    const stopped = await stopUnits(this.#deps, [places.receiverUnit, places.senderUnit], call.limit);
    if (!stopped.ok) return stopped;
    makeFolder(places.folder);
    rmSync(join(places.folder, 'sender.sock'), { force: true });
    replaceWhereOther(places.planFile, this.#planText(call, places, token));
    const [program, ...rest] = this.#options.program;
    const started = await startUnit(
      this.#deps,
      places.senderUnit,
      {
        description: 'hamn: sends the files of the primary',
        command: [program, ...rest, '--leave', places.planFile],
        folder: places.folder,
      },
      call.limit,
      permit,
    );
    if (!started.ok) return started;
    for (;;) {
      const report = await askReport(places.folder, 'status', Math.min(askMs, call.limit.leftMs()));
      if (report.ok) return done;
      if (call.limit.leftMs() <= pollMs)
        return fail(
          'timeout',
          `The sender of files did not answer in time; see ${places.folder}/${places.senderUnit}.log.`,
        );
      await pause(this.#deps.clock, pollMs);
    }
  }

  async demote(call: SyncCall): Outcome {
    const stopped = await stopUnits(this.#deps, [this.#places(call).senderUnit], call.limit);
    return stopped.ok ? this.start(call) : stopped;
  }

  stop(call: SyncCall): Outcome {
    const { senderUnit, receiverUnit } = this.#places(call);
    return stopUnits(this.#deps, [senderUnit, receiverUnit], call.limit);
  }

  kill(call: SyncCall): Outcome {
    const { senderUnit, receiverUnit } = this.#places(call);
    return killUnits(this.#deps, [senderUnit, receiverUnit], call.limit);
  }

  /** Of all senders on this node that answer; empty where this node does not send. */
  async reports(limitMs: number): Promise<readonly SenderReport[]> {
    const asked = await Promise.all(
      this.#resources.map((one) => askReport(placesOf(this.#options, one).folder, 'status', limitMs)),
    );
    return asked.flatMap((one) => (one.ok ? [one.value] : []));
  }

  /** Errors: `absent` where this node does not send it. */
  ask(resource: string, question: 'now' | 'adopt', limitMs: number): Promise<Result<SenderReport>> {
    return this.#ofSender(resource, (folder) => askReport(folder, question, limitMs));
  }

  diff(resource: string, limitMs: number): Promise<Result<readonly DiffReport[]>> {
    return this.#ofSender(resource, (folder) => askDiff(folder, limitMs));
  }

  /** Who holds the term, as far as this node knows. */
  get primary(): string | undefined {
    return this.#sight?.receiver.holder || undefined;
  }

  get names(): readonly string[] {
    return this.#resources.map(({ name }) => name);
  }

  async #ofSender<T>(resource: string, ask: (folder: string) => Promise<Result<T>>): Promise<Result<T>> {
    const found = this.#resources.find(({ name }) => name === resource);
    if (found === undefined)
      return fail(
        'unknown-resource',
        `There is no resource '${resource}' of kind sync. There is ${this.names.join(', ') || 'none'}.`,
      );
    return ask(placesOf(this.#options, found).folder);
  }

  #refresh(resource: ResourceSettings, sight: GroupSight, isNewTerm: boolean): void {
    const { what } = resource;
    if (what.kind !== 'sync') return;
    const places = placesOf(this.#options, resource);
    makeFolder(places.folder);
    writePermit(places.folder, sight.receiver, this.#deps.clock.now());
    writeReceiverFiles(places, what, this.#otherKeys());
    renewReceiver(places, what.port, () => processesOf(places.receiverUnit));
    if (isNewTerm) endSessions(places);
    if (sight.token !== undefined)
      replaceWhereOther(places.planFile, this.#planText({ settings: resource, what }, places, sight.token));
  }

  #planText({ settings, what }: Pick<SyncCall, 'settings' | 'what'>, places: Places, token: number): string {
    const sync = whatOf({ what });
    const others = this.#sight?.others ?? [];
    const plan: SenderPlan = {
      resource: settings.name,
      node: this.#options.node,
      token,
      paths: sync.paths,
      exclude: sync.exclude,
      port: sync.port,
      compareEveryMs: sync.compareEveryMs,
      bytesPerSecond: sync.bytesPerSecond,
      receivers: others.flatMap(({ name, address }) => {
        const hostKey = this.#peers.of(name)?.hostKey;
        return hostKey === undefined ? [] : [{ node: name, address, hostKey }];
      }),
      waitsFor: others
        .filter(({ name }) => this.#peers.of(name) === undefined)
        .map(({ name }) => ({
          node: name,
          reason: `${name} has not told its key yet: hamnd does that when it runs there.`,
        })),
      folder: places.folder,
      keyFile: keyFileIn(this.#options.stateDirectory),
      standingFile: places.standingFile,
      deadlineFile: this.#options.deadlineFile ?? '/run/hamn/term-deadline',
    };
    return JSON.stringify(plan);
  }

  #otherKeys(): ReadonlyMap<string, string> {
    return new Map(
      (this.#sight?.others ?? []).flatMap(({ name }) => {
        const key = this.#peers.of(name)?.key;
        return key === undefined ? [] : [[name, key] as const];
      }),
    );
  }

  #ownKeys(): Promise<Result<OwnKeys, 'unusable'>> {
    if (this.#keys !== undefined) return Promise.resolve(ok(this.#keys));
    this.#making ??= ownKeys(this.#options.stateDirectory).then((made) => {
      this.#making = undefined;
      if (made.ok) this.#keys = made.value;
      return made;
    });
    return this.#making;
  }

  #places = ({ settings }: Pick<SyncCall, 'settings'>): Places => placesOf(this.#options, settings);

  /** A disk that is full must not stop the loop. */
  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      const message = `The files of the file sync could not be written: ${String(error)}.`;
      if (message === this.#told) return;
      this.#told = message;
      this.#deps.journal.write({ event: 'sync.files', level: 'warn', message });
    }
  }
}

function whatOf({ what }: Pick<SyncCall, 'what'>): SyncResource {
  if (what.kind !== 'sync') throw new Error(`the resource is of kind ${what.kind}, not sync`);
  return what;
}
