import { after, between, type Failure, fail, type Instant, type Result } from '@hamn/core';
import type { Cancel, ClockPort, PostgresFailure } from '@hamn/engine';

export type Outcome<T> = Result<T, PostgresFailure>;
export type PostgresError = Failure<PostgresFailure>;

/** The time that one call of the port may take, shared by all the steps below it. */
export interface Limit {
  readonly totalMs: number;
  /** Never below 1, so that a timer made of it always fires. */
  leftMs(): number;
  over(): boolean;
  /** Waits, at most until the limit. */
  pause(ms: number): Promise<void>;
  /** A part of what is left, for a step that must leave time for the next one. */
  part(share: number): Limit;
}

export function startLimit(clock: ClockPort, timeoutMs: number): Limit {
  const end: Instant = after(clock.now(), timeoutMs);
  const left = (): number => between(clock.now(), end);
  return {
    totalMs: timeoutMs,
    leftMs: () => Math.max(1, Math.ceil(left())),
    over: () => left() <= 0,
    pause: (ms) => new Promise((resolve) => clock.after(Math.max(0, Math.min(ms, left())), resolve)),
    part: (share) => startLimit(clock, Math.max(1, left() * share)),
  };
}

/**
 * Runs at the limit, but not before the event loop had a turn after it to read what has come in: after a stall timers fire first, and an
 * answer that is there would count as none.
 */
export function atLimit(clock: ClockPort, limitMs: number, run: () => void): Cancel {
  let cancel = clock.after(limitMs, () => {
    cancel = clock.after(0, run);
  });
  return () => cancel();
}

/** What a call returns when its limit passed. `what` completes the sentence "... within N ms". */
export const timedOut = (what: string, limit: Limit): { readonly ok: false; readonly error: PostgresError } =>
  fail('timeout', `${what} within ${Math.round(limit.totalMs)} ms.`);

/** Any thrown value as text. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The errno name of a failed system call, for example ENOENT. */
export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
