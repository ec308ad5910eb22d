import { after, between, type LockValue } from '@hamn/core';
import type { ClockPort, HeldLock, LockPort, SeenLock } from '@hamn/engine';
import type { Io } from '../../io.ts';
import { formatTime } from '../../text/quantities.ts';

/** One try may take so long: an election in etcd is over by then. */
const tryMs = 5000;
/** How often a lock that somebody has is looked at; two that wait do not look in step. */
const lookMs = 500;

export interface AcquireOptions {
  readonly name: string;
  readonly waitMs: number;
  /** A new one for each try. */
  readonly value: () => LockValue;
}

export interface AcquireDeps {
  readonly locks: LockPort;
  readonly clock: ClockPort;
  readonly io: Io;
}

/** Takes the lock, now or within `waitMs`. Undefined: not had; why is told on stderr. */
export async function acquire(
  { name, waitMs, value }: AcquireOptions,
  { locks, clock, io }: AcquireDeps,
): Promise<HeldLock | undefined> {
  const end = after(clock.now(), waitMs);
  let told = '';
  for (;;) {
    const took = await locks.take(name, value(), tryMs);
    if (took.kind === 'taken') return took.held;
    const left = between(clock.now(), end);
    const why = took.kind === 'held' ? holderText(took.by) : took.message;
    const last = left <= 0;
    if (last || why !== told) io.err(`${why}${last ? ' The command was not started.' : ' Waiting.'}\n`);
    if (last) return undefined;
    told = why;
    await io.sleep(Math.min(left, lookMs / 2 + Math.random() * lookMs));
  }
}

/** Who has it, as a sentence. */
export function holderText({ name, token, value }: SeenLock): string {
  if (value === undefined)
    return `The lock ${name} (token ${token}) stands in etcd with a text that hamnctl did not write.`;
  const { node, by, pid, command, sinceWallMs } = value;
  return `The lock ${name} is held on ${node} by ${by}, process ${pid}, since ${formatTime(sinceWallMs)}: ${command}.`;
}
