import {
  fail,
  lsn,
  ok,
  type PostgresData,
  type PostgresServer,
  type PostgresView,
  quorumOf,
  type RecoveryView,
  type Result,
  type TimelineId,
  timelineId,
  type UnitView,
} from '@hamn/core';
import { newestTimeline, surelyReached } from '../files/control-data.ts';
import { hasData, hasRecoverySignal, hasStandbySignal } from '../files/data-directory.ts';
import { newestSegmentTimeline } from '../files/timeline.ts';
import { type Limit, type Outcome, reasonOf } from '../limit.ts';
import { localHost, type Parts } from '../parts.ts';
import { findPostmaster } from '../process/postmaster.ts';
import { Question } from '../session/question.ts';
import { type RunFacts, readRunFacts, runFactsQuery } from '../session/run-facts.ts';
import { factsQuery, readFacts, type ServerFacts } from '../session/server-facts.ts';
import { type Rows, Session } from '../session/session.ts';
import { portFailure, type SessionFailure } from '../session/session-failure.ts';
import { StorageWatch } from '../storage/storage-watch.ts';
import { settingsChange } from './apply-settings.ts';
import { isInCrashRecovery, RecoveryLook } from './recovery.ts';
import { SlowLook } from './slow-look.ts';
import { Statistics } from './statistics.ts';
import type { SynchronousNames } from './synchronous.ts';

/** A server that was asked and has sent nothing for this long is hung. */
const silenceMs = 2000;

/** Looks at the server, its data and hamn's files. Owns the kept session, whose end tells of a crash within milliseconds. */
export class Observer {
  readonly #parts: Parts;
  readonly #names: SynchronousNames;
  readonly #session: Session;
  readonly #question: Question<Rows>;
  #run: RunFacts | undefined;
  /** The newest timeline seen in this run of the server: a standby's views forget it when it stops streaming. */
  #newest: { readonly started: string; readonly timeline: number } | undefined;
  #fileProblems: readonly string[] = [];
  readonly #statistics: Statistics;
  /** Since the last look at the files: with each session, and after each change of hamn's. */
  #outdated = false;
  #looking = false;
  readonly #slow: SlowLook;
  readonly #recovery: RecoveryLook;
  readonly #storage: StorageWatch;

  constructor(parts: Parts, names: SynchronousNames, onEnd: () => void) {
    this.#parts = parts;
    this.#names = names;
    this.#slow = new SlowLook(parts);
    this.#recovery = new RecoveryLook(parts.options.dataDirectory, parts);
    this.#storage = new StorageWatch(parts.options, {
      clock: parts.clock,
      account: () => parts.configuration.account(),
    });
    const { port, user } = parts.options;
    this.#session = new Session(
      { host: localHost, port, user, database: 'postgres', password: () => parts.configuration.password() },
      {
        clock: parts.clock,
        onEnd: () => {
          this.#run = undefined;
          onEnd();
        },
      },
    );
    this.#statistics = new Statistics(parts);
    this.#question = new Question(() => this.#query(), { clock: parts.clock });
  }

  close(): void {
    this.#session.close();
    this.#statistics.close();
  }

  /** One look at a time: on storage that hangs every further one would hold threads for ever. */
  async observe(limit: Limit): Promise<Outcome<PostgresView>> {
    const storage = this.#storage.views();
    if (this.#looking)
      return fail(
        'timeout',
        `The last look at PostgreSQL has not ended: the storage under ${this.#parts.options.dataDirectory} may hang.`,
      );
    this.#looking = true;
    try {
      return await this.#observe(limit, storage);
    } finally {
      this.#looking = false;
    }
  }

  async #observe(limit: Limit, storage: PostgresView['storage']): Promise<Outcome<PostgresView>> {
    try {
      const [unit, server, configured] = await Promise.all([
        this.#unit(limit),
        this.#server(limit),
        this.#parts.configuration.state(),
      ]);
      if (!server.ok) return server;
      const data = await this.#data(server.value, limit);
      if (!data.ok) return data;
      return ok({
        // systemd may be slow or away: whether the process is there is then the best that can be said of its unit.
        unit: unit ?? (server.value.kind === 'down' ? 'inactive' : 'active'),
        server: server.value,
        data: data.value.data,
        copy: this.#parts.progress.view,
        configured: {
          upstream: configured.upstream?.node,
          synchronous: configured.synchronous,
          quorum: configured.quorum,
          outdated: this.#outdated,
        },
        problems: [
          ...(this.#run?.problems ?? []),
          ...this.#fileProblems,
          ...(server.value.kind === 'up' ? this.#slow.problems : []),
        ],
        storage,
        software: this.#parts.software.view(),
        recovery: data.value.recovery,
        tooLow: await this.#slow.tooLow(server.value, this.#run?.capacities, limit),
        statistics: this.#statistics.look(server.value.kind === 'up' ? this.#run?.version : undefined),
      });
    } catch (error) {
      return fail('files', `PostgreSQL's files cannot be read: ${reasonOf(error)}.`);
    }
  }

  async #unit(limit: Limit): Promise<UnitView['active'] | undefined> {
    const { units, options } = this.#parts;
    const seen = await units.observe([options.unit], limit.leftMs());
    return seen.ok ? seen.value[0]?.active : undefined;
  }

  async #server(limit: Limit): Promise<Outcome<PostgresServer>> {
    const { dataDirectory, unit } = this.#parts.options;
    const postmaster = await findPostmaster(dataDirectory);
    if (postmaster === undefined) {
      this.#session.close();
      this.#statistics.forget();
      this.#question.forget();
      return ok({ kind: 'down' });
    }
    if (postmaster.stopped)
      return ok({
        kind: 'hung',
        reason: `The postmaster of ${unit} (process ${postmaster.pid}) is stopped by a signal and opens no sessions.`,
      });
    if (postmaster.singleUser)
      return ok({
        kind: 'rejecting',
        reason: `A single-user server (process ${postmaster.pid}) holds the data.`,
        cause: 'single-user',
      });
    const facts = await this.#ask(limit);
    return facts.ok ? this.#up(facts.value) : facts;
  }

  /** The facts, or what stands in their way; only a server that does not let hamn in is a failure of the observation. */
  async #ask(limit: Limit): Promise<Outcome<ServerFacts | PostgresServer>> {
    const { unit } = this.#parts.options;
    // A server that does not answer must leave time for a look at its data.
    const asked = await this.#question.answer(limit.part(0.75));
    if (!asked.ok) {
      const { code, message } = asked.error;
      if (
        (code === 'waiting' || code === 'timeout') &&
        (await isInCrashRecovery(this.#parts.options.dataDirectory))
      )
        return ok({
          kind: 'rejecting',
          reason: `PostgreSQL (${unit}) replays WAL and takes no sessions now.`,
          cause: 'starting',
        });
      if (code === 'waiting') return fail('timeout', `PostgreSQL (${unit}) is slow: ${message}.`);
      if (code === 'timeout')
        return ok({ kind: 'hung', reason: `PostgreSQL (${unit}) does not answer: ${message}.` });
      if (code === 'denied' || code === 'sql')
        return portFailure('PostgreSQL runs but cannot be observed', { code, message });
      return ok({
        kind: 'rejecting',
        reason: `PostgreSQL (${unit}) takes no sessions now: ${message}.${code === 'connections' ? this.#slow.users : ''}`,
        cause:
          code === 'connections' ? 'connections' : /shutting down/.test(message) ? 'stopping' : 'starting',
      });
    }
    const facts = readFacts(asked.value[0]);
    return facts === undefined
      ? fail('sql', 'PostgreSQL told of itself what hamn does not understand.')
      : ok(facts);
  }

  async #query(): Promise<Result<Rows, SessionFailure>> {
    if (this.#run === undefined || !this.#session.connected) {
      const run = await this.#session.ask(runFactsQuery, silenceMs);
      if (!run.ok) return run;
      this.#run = readRunFacts(run.value[0], (await this.#parts.configuration.state()).synchronous);
      this.#fileProblems = await this.#lookAtFiles();
      this.#outdated = await this.#parts.configuration.outdated(settingsChange(this.#run.inRecovery));
    }
    const facts = await this.#session.ask(factsQuery, silenceMs, 'hamn-facts');
    if (facts.ok) await this.#slow.ask(this.#session, this.#run.version);
    return facts;
  }

  async #lookAtFiles(): Promise<readonly string[]> {
    const { dataDirectory } = this.#parts.options;
    const recovery = await hasRecoverySignal(dataDirectory);
    const problems = await this.#parts.configuration.problems();
    if (!recovery) return problems;
    return [
      ...problems,
      `${dataDirectory}/recovery.signal is there: somebody prepared a point-in-time recovery.`,
    ];
  }

  /** Asks again what only a restart or reload changes, with the next look. */
  refresh(): void {
    this.#run = undefined;
  }

  async #up(facts: ServerFacts | PostgresServer): Promise<Outcome<PostgresServer>> {
    if ('kind' in facts) return ok(facts);
    const waits = this.#names.waitsFor(facts, this.#run?.neverReloaded ?? false);
    // Promoted since: what the files should say is another thing now.
    if (this.#run?.inRecovery !== facts.inRecovery) this.#run = undefined;
    const timeline = facts.inRecovery ? await this.#standbyTimeline(facts) : facts.timeline;
    if (timeline === undefined) return fail('sql', 'PostgreSQL does not tell its timeline.');
    return ok({
      kind: 'up',
      inRecovery: facts.inRecovery,
      systemId: facts.systemId,
      timeline,
      flushedLsn: facts.flushed ?? lsn(0n),
      replayedLsn: facts.replayed,
      streaming: facts.streaming,
      standbys: facts.standbys,
      waitsFor: waits.members,
      waitsForAny: quorumOf(waits),
      slots: facts.slots,
      redoLsn: facts.redo,
      receivedLsn: facts.received,
      replayedAgeMs: facts.replayedAgeMs,
    });
  }

  async #standbyTimeline(facts: ServerFacts): Promise<TimelineId | undefined> {
    const remembered = this.#newest?.started === facts.started ? this.#newest.timeline : 0;
    const segments = facts.streaming
      ? 0
      : ((await newestSegmentTimeline(this.#parts.options.dataDirectory)) ?? 0);
    const newest = Math.max(facts.timeline ?? 0, remembered, segments);
    if (newest === 0) return undefined;
    this.#newest = { started: facts.started, timeline: newest };
    return timelineId(newest);
  }

  async #data(
    server: PostgresServer,
    limit: Limit,
  ): Promise<Outcome<{ readonly data: PostgresData; readonly recovery?: RecoveryView | undefined }>> {
    const { dataDirectory } = this.#parts.options;
    const job = await this.#parts.marker.read();
    if (job !== undefined) return ok({ data: { kind: 'incomplete', by: job.kind } });
    if (!(await hasData(dataDirectory))) return ok({ data: { kind: 'absent' } });
    const standbySignal = await hasStandbySignal(dataDirectory);
    if (server.kind === 'up') {
      this.#recovery.forget();
      const state = server.inRecovery ? 'in archive recovery' : 'in production';
      const { systemId, timeline, flushedLsn } = server;
      return ok({ data: { kind: 'present', systemId, timeline, state, lsn: flushedLsn, standbySignal } });
    }
    const control = await this.#parts.control.read(limit);
    if (!control.ok && control.error.code === 'data-damaged')
      return ok({ data: { kind: 'damaged', because: control.error.message } });
    if (!control.ok) return control;
    const { systemId, state } = control.value;
    return ok({
      data: {
        kind: 'present',
        systemId,
        timeline: newestTimeline(control.value),
        state,
        lsn: surelyReached(control.value),
        standbySignal,
      },
      recovery: await this.#recovery.look(server, control.value),
    });
  }
}
