import type { ListedPath } from '@hamn/core';
import type { CopyReport, CopyState, DiffReport } from '../report.ts';
import { Backlog, type Batch } from './backlog.ts';
import { type ChildEnd, runChild } from './child.ts';
import { Connection } from './connection.ts';
import type { Listing } from './listing.ts';
import type { Receiver, SenderPlan } from './plan.ts';
import { compareRun, pathsRun, type RsyncRun, withFolders } from './rsync.ts';
import { failureText, isDone, isRefused } from './run-end.ts';
import type { Standing } from './standing.ts';

/** What all copies of one sender share. */
export interface CopyDeps {
  readonly plan: () => SenderPlan;
  readonly listing: Listing;
  /** Whether changes are seen: what changes before that, and is compared already, would be missed. */
  readonly isWatched: () => boolean;
  readonly standing: () => Standing;
  /** The copy of a standby is complete, and the standby knows it: so is what it was made from. */
  readonly onComplete: () => void;
  /** Asked immediately before each run, and while it runs. */
  readonly permit: () => boolean;
}

/** Changes that follow each other closely go in one run. */
const gatherMs = 30;
const idleMs = 500;
const retryMs = [500, 1000, 2000, 5000] as const;
/** A run that is at work may take long; silence is ended by rsync's own limit. */
const pathsLimitMs = 600_000;
const compareLimitMs = 6 * 3_600_000;
const markLimitMs = 10_000;
const examples = 20;
const mostDiffs = 200;

/** One standby's copy, kept level: events as they come, a comparison after each new connection, after each failure and now and then. */
export class Copy {
  readonly to: Receiver;
  readonly #deps: CopyDeps;
  readonly #backlog = new Backlog(() => performance.now());
  readonly #connection: Connection;
  #state: CopyState = 'waiting';
  #reason = 'The first comparison has not begun.';
  #closed = false;
  #wake: (() => void) | undefined;
  #generation = 0;
  #failures = 0;
  /** In this connection. */
  #isCompared = false;
  #isMarked = false;
  #comparedAt = Number.NEGATIVE_INFINITY;
  #comparedAtWallMs: number | undefined;
  #levelAtWallMs: number | undefined;
  #drifted: string[] = [];
  #drift = 0;
  /** Lines of the list that were left out of what was sent, because they are missing or empty here. */
  #skipped: readonly ListedPath[] = [];
  #running: Promise<void> | undefined;

  constructor(to: Receiver, deps: CopyDeps) {
    this.to = to;
    this.#deps = deps;
    this.#connection = new Connection(deps.plan(), to);
    this.#backlog.addAll();
  }

  start(): void {
    this.#running = this.#loop();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    this.#connection.close();
    await this.#running;
  }

  dirty(path: string, line: string): void {
    this.#backlog.addPath(path, line);
    this.#wake?.();
  }

  compare(): void {
    this.#backlog.addAll();
    this.#failures = 0;
    this.#wake?.();
  }

  report(): CopyReport {
    const isBehind = this.#state === 'level' && this.#backlog.size > 0;
    return {
      node: this.to.node,
      state: isBehind ? 'behind' : this.#state,
      reason: this.#reason,
      backlogFiles: this.#backlog.size,
      ageMs: Math.round(this.#backlog.ageMs),
      levelAtWallMs: this.#levelAtWallMs,
      comparedAtWallMs: this.#comparedAtWallMs,
      drift: this.#drift,
      drifted: this.#drifted,
    };
  }

  /** What differs now; changes nothing. */
  async diff(limitMs: number): Promise<DiffReport> {
    const unknown = (reason: string): DiffReport => ({
      node: this.to.node,
      known: false,
      reason,
      count: 0,
      paths: [],
    });
    if (!this.#connection.isUp) return unknown(this.#reason);
    const paths: string[] = [];
    let count = 0;
    const { listing, standing } = this.#deps;
    const lines = listing.listed.filter((one) => listing.trouble(one) === undefined);
    const run = compareRun(
      this.#deps.plan(),
      listing,
      this.to,
      this.#connection.command,
      standing(),
      lines,
      true,
    );
    const ended = await this.#rsync(run, limitMs, (line) => {
      count += 1;
      if (paths.length < mostDiffs) paths.push(line);
    });
    if (!isDone(ended)) return unknown(failureText(ended));
    return { node: this.to.node, known: true, reason: '', count, paths };
  }

  async #loop(): Promise<void> {
    while (!this.#closed) {
      const againMs = await this.#step();
      if (againMs > 0 && !this.#closed) await this.#pause(againMs);
    }
  }

  /** One thing to do; milliseconds until the next one, unless something comes sooner. */
  async #step(): Promise<number> {
    const { plan, permit, standing } = this.#deps;
    if (standing() === 'receiving') {
      this.#be(
        'waiting',
        `${plan().node} never had a complete copy of what is listed now, so it sends nothing. Make a node that has one primary (hamnctl switchover), or let the files here count: hamnctl sync adopt.`,
      );
      return idleMs;
    }
    if (!this.#deps.isWatched()) {
      this.#be('waiting', 'The folders are being read, so that their changes are seen.');
      return idleMs;
    }
    if (!permit()) {
      this.#be('waiting', `${plan().node} does not hold the term with token ${plan().token} now.`);
      return idleMs;
    }
    if (!(await this.#connection.open())) return this.#failed('unreachable', this.#connection.complaint);
    if (this.#connection.generation !== this.#generation) {
      // It may have lost what was written last before it went.
      this.#generation = this.#connection.generation;
      this.#isCompared = false;
      this.#isMarked = false;
      this.#backlog.addAll();
    }
    if (performance.now() - this.#comparedAt >= plan().compareEveryMs) this.#backlog.addRoutine();
    // What came back tells of what it has, not of what it has no more.
    for (const one of this.#skipped)
      if (this.#deps.listing.trouble(one) === undefined) this.#backlog.addLine(one.path);
    if (this.#backlog.isEmpty) return idleMs;
    await new Promise((resolve) => setTimeout(resolve, gatherMs));
    const wasLevel = this.#state === 'level' && this.#backlog.size <= 1;
    const batch = this.#backlog.take();
    if (batch === undefined || this.#closed) return 0;
    return batch.kind === 'compare' ? this.#compare(batch, wasLevel) : this.#send(batch.paths);
  }

  async #send(changed: readonly string[]): Promise<number> {
    const { plan, listing, standing } = this.#deps;
    const { paths, lines, skipped } = withFolders(changed, listing);
    // A comparison of the line follows when it is well again.
    this.#skipped = [...new Set([...this.#skipped, ...skipped])];
    for (const line of lines) this.#backlog.addLine(line.path);
    if (paths.length > 0) {
      const run = pathsRun(plan(), listing, this.to, this.#connection.command, standing(), paths);
      const ended = await this.#rsync(run, pathsLimitMs);
      if (!isDone(ended)) return this.#failedRun(ended);
    }
    this.#backlog.done();
    return this.#level();
  }

  async #compare({ lines: wanted }: Batch & { kind: 'compare' }, wasLevel: boolean): Promise<number> {
    const { plan, listing, standing } = this.#deps;
    if (this.#state !== 'level') this.#be('comparing', 'All files are being compared.');
    const due = listing.listed.filter((one) => wanted === undefined || wanted.has(one.path));
    const lines = due.filter((one) => listing.trouble(one) === undefined);
    this.#skipped = [
      ...this.#skipped.filter((one) => !due.includes(one)),
      ...due.filter((one) => !lines.includes(one)),
    ];
    const found: string[] = [];
    let count = 0;
    if (lines.length > 0) {
      const run = compareRun(plan(), listing, this.to, this.#connection.command, standing(), lines);
      const ended = await this.#rsync(run, compareLimitMs, (line) => {
        count += 1;
        if (found.length < examples) found.push(line);
      });
      if (!isDone(ended)) return this.#failedRun(ended);
    }
    this.#backlog.done();
    if (wanted === undefined) {
      this.#isCompared = true;
      this.#comparedAt = performance.now();
      this.#comparedAtWallMs = Date.now();
      this.#drift = wasLevel ? count : 0;
      this.#drifted = wasLevel ? found : [];
    }
    // Every line has been compared in this connection, the ones that were left out first by now, too.
    const isComplete = this.#isCompared && this.#skipped.length === 0;
    return isComplete && !this.#isMarked ? this.#mark() : this.#level();
  }

  /** Tells the standby that its copy is complete. */
  async #mark(): Promise<number> {
    const { plan, listing, standing, onComplete } = this.#deps;
    const marked = await runChild({
      argv: this.#connection.argv('hamn-sync', String(plan().token), standing(), 'level', ...listing.marks),
      limitMs: markLimitMs,
    });
    if (marked.code !== 0) return this.#failedRun(marked);
    this.#isMarked = true;
    onComplete();
    return this.#level();
  }

  #rsync(
    { arguments: given, input }: RsyncRun,
    limitMs: number,
    onLine?: (line: string) => void,
  ): Promise<ChildEnd> {
    const permit = (): boolean => !this.#closed && this.#deps.permit();
    if (!permit()) return Promise.resolve({ code: undefined, endedBecause: 'permit', complaint: '' });
    return runChild({
      argv: ['rsync', ...given],
      input,
      limitMs,
      permit,
      ...(onLine === undefined ? {} : { onLine }),
    });
  }

  #level(): number {
    this.#failures = 0;
    this.#be('level', '');
    if (this.#backlog.isEmpty) this.#levelAtWallMs = Date.now();
    return 0;
  }

  #failedRun(ended: ChildEnd): number {
    this.#backlog.failed();
    if (ended.endedBecause === 'limit') this.#connection.close();
    return this.#failed(isRefused(ended) ? 'refused' : 'failed', failureText(ended));
  }

  #failed(state: CopyState, reason: string): number {
    this.#be(state, reason);
    this.#failures += 1;
    return retryMs[Math.min(this.#failures, retryMs.length) - 1] ?? idleMs;
  }

  #be(state: CopyState, reason: string): void {
    this.#state = state;
    this.#reason = reason;
  }

  /** What comes meanwhile waits for the time only after a failure. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(wake, ms);
      const isFailing = this.#failures > 0;
      function wake(): void {
        clearTimeout(timer);
        resolve();
      }
      this.#wake = () => {
        if (!isFailing || this.#closed || this.#failures === 0) wake();
      };
      if (!isFailing && !this.#backlog.isEmpty && this.#state === 'level') wake();
    });
  }
}
