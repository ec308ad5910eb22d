import { alone, type Claim } from '@hamn/core';
import type { Random } from '../base/random.ts';
import type { Network } from '../machine/network.ts';
import type { Process } from '../machine/process.ts';
import type { BranchMaker, PostgresDisk } from './disk.ts';
import { Replication } from './replication.ts';
import { RetainedWal } from './retained-wal.ts';
import { noPostgresTroubles, type PostgresTroubles } from './troubles.ts';
import { contains, showPosition } from './wal.ts';

export type ServerPhase = 'down' | 'starting' | 'up' | 'stopping';

export interface ServerParts {
  readonly node: string;
  readonly disk: PostgresDisk;
  readonly random: Random;
  readonly network: Network;
  readonly branches: BranchMaker;
  readonly now: () => number;
  readonly find: (node: string) => Server | undefined;
  readonly newProcess: () => Process;
  readonly note: (text: string) => void;
  readonly changed: () => void;
  /** It has become writable. */
  readonly writable: () => void;
  /** This standby cannot follow that server: WAL that it lacks is gone there. */
  readonly walGone: (from: Server) => void;
  /** A clone of that server into this one's directory has begun. */
  readonly cloning: (from: Server) => void;
  /** A commit was acknowledged. */
  readonly acknowledged: (lsn: number) => void;
}

/** 80 MB/s. */
export const replayedPerMs = 80_000;

interface Commit {
  readonly lsn: number;
  readonly done: (acknowledged: boolean) => void;
}

/** One PostgreSQL server: life, commits, names. What it streams is in `replication`. */
export class Server {
  readonly parts: ServerParts;
  readonly troubles: PostgresTroubles = noPostgresTroubles();
  readonly replication: Replication;
  readonly wal: RetainedWal;
  phase: ServerPhase = 'down';
  inRecovery = true;
  process: Process | undefined;
  /** Since when this run takes sessions as a standby. */
  standbySince: number | undefined;
  /** What commits wait for, and what of it is proven. */
  waitsFor: Claim = alone;
  proven: Claim = alone;
  promoting = false;
  /** Its storage hangs: it does nothing, and it cannot be killed before that ends. */
  #stuck = false;
  #stuckSince: number | undefined;
  #killedBy: string | undefined;
  #waiting: Commit[] = [];
  #onDeath: (() => void)[] = [];
  /** Commands begun before the last change of the names that have not ended. */
  #slow = 0;

  constructor(parts: ServerParts) {
    this.parts = parts;
    this.replication = new Replication(this);
    this.wal = new RetainedWal(this);
  }

  /** WAL that a crash has left: what the next start replays, and what of it this one has. */
  replay: { readonly bytes: number; readonly since: number } | undefined;

  get isWritable(): boolean {
    return this.phase === 'up' && !this.inRecovery;
  }

  get runs(): boolean {
    return this.process?.running === true;
  }

  get backendsOfOldNames(): number {
    return this.#slow;
  }

  /** The postmaster begins; `ended` tells whether it took sessions in the end. */
  start(asStandby: boolean, ended: (ok: boolean) => void): void {
    const { disk, random, note, newProcess, changed } = this.parts;
    const process = newProcess();
    this.process = process;
    if (this.#stuck) process.freeze();
    this.phase = 'starting';
    this.inRecovery = asStandby;
    this.promoting = false;
    this.waitsFor = disk.synchronous;
    this.proven = disk.synchronous;
    disk.state = asStandby ? 'in archive recovery' : 'in crash recovery';
    note(`postgres: starts as a ${asStandby ? 'standby' : 'primary'} at ${showPosition(disk.position)}`);
    changed();
    const bytes = this.replay?.bytes ?? 0;
    this.replay = bytes === 0 ? undefined : { bytes, since: this.parts.now() };
    const takesMs = random.between(150, 900) + this.troubles.slowStartMs + bytes / replayedPerMs;
    process.in(takesMs, () => this.#started(process, ended));
    // Whoever started it looks at the process, too: one that is killed while it starts is not waited for.
    this.onDeath(() => ended(false));
    if (asStandby) this.replication.begin(process);
    this.wal.begin(process);
  }

  #started(process: Process, ended: (ok: boolean) => void): void {
    const { disk, changed, note, writable } = this.parts;
    if (this.process !== process || this.phase !== 'starting') return ended(false);
    if (this.troubles.failStarts > 0) {
      this.troubles.failStarts -= 1;
      this.die('its start failed');
      return ended(false);
    }
    if (this.troubles.full > 0) {
      this.die('its disk is full');
      return ended(false);
    }
    if (this.inRecovery && disk.consistentAt !== undefined) {
      if (!contains(disk.position, disk.consistentAt)) {
        // "requested timeline does not contain minimum recovery point": what it was copied from is not what it streams from.
        const upstream =
          disk.upstream === undefined ? undefined : this.parts.find(disk.upstream)?.parts.disk.position;
        if (this.replication.streaming && upstream !== undefined && !contains(upstream, disk.consistentAt)) {
          this.die('its timeline does not contain its minimum recovery point');
          return ended(false);
        }
        process.in(100, () => this.#started(process, ended));
        return;
      }
      disk.consistentAt = undefined;
    }
    this.phase = 'up';
    this.standbySince = this.inRecovery ? this.parts.now() : undefined;
    this.replay = undefined;
    if (this.troubles.dieAfterMs > 0)
      process.in(this.troubles.dieAfterMs, () => {
        if (this.process === process && this.troubles.dieAfterMs > 0) this.die('a crash loop');
      });
    if (!this.inRecovery) disk.state = 'in production';
    note(`postgres: up as a ${this.inRecovery ? 'standby' : 'primary'}`);
    changed();
    ended(true);
    if (!this.inRecovery) writable();
  }

  /** For how long its storage has hung. */
  get storageHungMs(): number {
    return this.#stuckSince === undefined ? 0 : this.parts.now() - this.#stuckSince;
  }

  hang(): void {
    this.#stuck = true;
    this.#stuckSince = this.parts.now();
    this.process?.freeze();
  }

  /** The storage goes on: what was killed meanwhile dies now. */
  goOn(): void {
    this.#stuck = false;
    this.#stuckSince = undefined;
    const killedBy = this.#killedBy;
    this.#killedBy = undefined;
    if (killedBy !== undefined) this.die(killedBy);
    else if (this.process?.alive === true) this.process.thaw();
  }

  powerOff(): void {
    this.#stuck = false;
    this.#stuckSince = undefined;
    this.#killedBy = undefined;
    this.die('power-off');
  }

  /** SIGKILL, a crash. */
  die(why: string): void {
    const { disk, random, note, changed } = this.parts;
    if (this.process === undefined) return;
    if (this.#stuck) {
      this.#killedBy = why;
      return;
    }
    if (this.troubles.crashWalBytes > 0 && this.isWritable)
      this.replay = { bytes: this.troubles.crashWalBytes, since: this.parts.now() };
    this.process.kill();
    this.process = undefined;
    note(`postgres: dead (${why}) at ${showPosition(disk.position)}`);
    if (this.inRecovery && disk.data === 'present')
      disk.controlLsn = Math.max(disk.controlLsn, disk.position.lsn - random.int(0, 60_000));
    this.#downNow();
    const listeners = this.#onDeath;
    this.#onDeath = [];
    for (const run of listeners) run();
    changed();
  }

  /** Calls `run` once, should the server die. */
  onDeath(run: () => void): void {
    this.#onDeath.push(run);
    if (this.#onDeath.length > 50) this.#onDeath.splice(0, 25);
  }

  /** What was committed and not acknowledged is not acknowledged: a cancelled wait is only a warning. */
  refuseWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const commit of waiting) commit.done(false);
  }

  #downNow(): void {
    this.phase = 'down';
    this.promoting = false;
    this.#slow = 0;
    this.refuseWaiting();
    this.replication.end();
  }

  /** Ends after a clean stop. `state` is pg_control's. */
  stopped(state: string, controlLsn: number): void {
    const { disk, note, changed } = this.parts;
    disk.state = state;
    disk.controlLsn = controlLsn;
    disk.controlTimeline = disk.position.branch.timeline;
    this.process?.kill();
    this.process = undefined;
    note(`postgres: ${state} at ${showPosition(disk.position)}`);
    this.#downNow();
    changed();
  }

  checkpoint(): void {
    this.parts.disk.controlLsn = this.parts.disk.position.lsn;
    this.parts.disk.controlTimeline = this.parts.disk.position.branch.timeline;
    this.wal.checkpoint();
  }

  /** One client's transaction: `done(true)` when the server told the client so. */
  commit(bytes: number, done: (acknowledged: boolean) => void): void {
    const { random } = this.parts;
    const process = this.process;
    if (!this.isWritable || process === undefined) return done(false);
    // A long command keeps the names that were in force when it began.
    const old = this.waitsFor;
    const long = random.chance(0.03);
    if (long) this.#slow += 1;
    process.in(long ? random.between(5, 250) : random.between(0.1, 0.6), () => {
      if (long) this.#slow = Math.max(0, this.#slow - 1);
      if (!this.isWritable) return done(false);
      if (this.troubles.full > 0) {
        this.die('PANIC: its disk is full');
        return done(false);
      }
      const lsn = this.append(bytes);
      process.in(random.between(0.1, 0.8), () => this.#flushed({ lsn, done }, long ? old : this.waitsFor));
    });
  }

  append(bytes: number): number {
    const { disk } = this.parts;
    disk.position = { branch: disk.position.branch, lsn: disk.position.lsn + bytes };
    this.replication.advanced();
    return disk.position.lsn;
  }

  #flushed(commit: Commit, claim: Claim): void {
    if (!this.isWritable) return commit.done(false);
    if (claim.count === 0) return this.#acknowledge(commit);
    this.#waiting.push(commit);
    this.release();
  }

  /** Lets go all commits that the present names have flushed. */
  release(): void {
    if (!this.isWritable) return;
    const flushed = this.replication.flushedBy(this.waitsFor);
    const ready = this.#waiting.filter((commit) => commit.lsn <= flushed);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((commit) => commit.lsn > flushed);
    for (const commit of ready) this.#acknowledge(commit);
  }

  #acknowledge(commit: Commit): void {
    this.parts.acknowledged(commit.lsn);
    commit.done(true);
  }
}
