import type { Claim, Lsn, NodeId, PostgresView, Result, SlotChange, TimelineId } from '@hamn/core';
import type { Permit } from './permit.ts';

export type PostgresFailure =
  | 'timeout'
  | 'down'
  | 'unit-failed'
  | 'sql'
  | 'not-primary'
  | 'not-standby'
  | 'other-system'
  | 'no-space'
  | 'tool-failed'
  | 'files'
  | 'not-proven'
  /** The server still replays WAL at the limit of its start, and goes on. */
  | 'recovering'
  /** The server's own word that it cannot start on this data. */
  | 'data-damaged'
  | 'over';

/** Where a standby replicates from: a node's own address, never the VIP. */
export interface Upstream {
  readonly node: NodeId;
  readonly address: string;
  readonly port: number;
}

/** What a rewind or clone took away, or found that it does not take away. */
export interface CopyReport {
  /** False: it was looked, and nothing that the source lacks had been committed. */
  readonly lost: boolean;
  /** A sentence or two, for the journal. */
  readonly message: string;
}

/**
 * PostgreSQL run as the distribution's unit. hamn owns a small include file (`hamn.conf`) and `standby.signal`, and changes nothing else.
 * No call throws; each ends within its limit (long ones: rewind, clone, start of a recovering server).
 */
export interface PostgresPort {
  observe(timeoutMs: number): Promise<Result<PostgresView, PostgresFailure>>;
  /** Writes standby.signal and the include file, then starts the unit. `upstream` undefined: a standby that waits for one. Idempotent. */
  startStandby(
    upstream: Upstream | undefined,
    timeoutMs: number,
  ): Promise<Result<undefined, PostgresFailure>>;
  /** Restart in place of the primary whose server died within its term: removes standby.signal, starts, waits until it accepts. */
  startPrimary(timeoutMs: number, permit: Permit): Promise<Result<undefined, PostgresFailure>>;
  /** pg_promote; ends when the server is writable. Returns the new timeline and where it left the old one. */
  promote(
    timeoutMs: number,
    permit: Permit,
  ): Promise<Result<{ readonly timeline: TimelineId; readonly switchLsn: Lsn }, PostgresFailure>>;
  /** Points a running standby to another upstream without a restart. */
  follow(upstream: Upstream | undefined, timeoutMs: number): Promise<Result<undefined, PostgresFailure>>;
  /**
   * A running standby receives nothing from anybody any more, until `follow` or a start gives it an upstream. Returns how far its WAL goes, read after it was certain
   * that no WAL receiver runs and that none can be started, and that all local WAL was looked at. Errors: `not-standby`, and `not-proven` when the limit comes first; it
   * then still has no upstream.
   */
  detach(timeoutMs: number): Promise<Result<Lsn, PostgresFailure>>;
  /**
   * What every commit waits for: `FIRST n` of n names, or `ANY k` of them. On a running primary it returns ok only when it is *proven* that every commit from now on waits
   * (no backend still runs a command begun under the old setting) -- or, for what the present names imply, when the reload was seen. Otherwise it writes the file for the next start.
   */
  setSynchronous(claim: Claim, timeoutMs: number): Promise<Result<undefined, PostgresFailure>>;
  /** The LSN that a standby must have flushed to be recorded (taken after waiting was proven). */
  currentLsn(timeoutMs: number): Promise<Result<Lsn, PostgresFailure>>;
  checkpoint(timeoutMs: number): Promise<Result<undefined, PostgresFailure>>;
  /** `fast`: sessions are ended, standbys get the shutdown checkpoint; where it ends is returned. */
  stop(mode: 'fast' | 'immediate', timeoutMs: number): Promise<Result<Lsn | undefined, PostgresFailure>>;
  /** What only this node had committed is set aside for `keepDivergedMs` (7 days) and reported. Ends with a directory that `startStandby` can start, or with `incomplete` data. */
  rewind(
    upstream: Upstream,
    timeoutMs: number,
    keepDivergedMs?: number,
  ): Promise<Result<CopyReport | undefined, PostgresFailure>>;
  /**
   * pg_basebackup into a directory beside, then exchanged; the old data is kept beside until the clone has started. Reports like a rewind. `standby`: a standby of
   * `upstream` whose files are read in place of its own; it must stream the same timeline, and when it is lost the clone fails.
   */
  clone(
    upstream: Upstream,
    timeoutMs: number,
    keepDivergedMs?: number,
    standby?: Upstream,
  ): Promise<Result<CopyReport | undefined, PostgresFailure>>;
  /** Each by itself: one that fails does not hold up the others. What is done already is no failure; on a standby all but streaming itself works, too. */
  changeSlots(changes: readonly SlotChange[], timeoutMs: number): Promise<Result<undefined, PostgresFailure>>;
  /**
   * Writes hamn.conf anew when the cluster's settings ask for something else than it says, and has a running server read its files. What takes effect with a
   * restart only waits for one. Neither the upstream nor the synchronous names change.
   */
  applySettings(timeoutMs: number): Promise<Result<undefined, PostgresFailure>>;
  /** Called when the server's state may have changed: a kept session broke, the unit changed. */
  watch(onChange: () => void): void;
}
