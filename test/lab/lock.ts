import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf, LabError } from './lab-error.ts';
import { startTimeOf } from './proc.ts';

export type Lock = { release: () => void };

type Holder = { readonly pid: number; readonly startTime: string; readonly purpose: string };

const POLL_MS = 50;

/**
 * Takes a lock file that names its holder's process. A holder that no longer runs (a crash) is replaced without asking; PID reuse is
 * told apart by the process's start time (proc_pid_stat(5), field 22).
 * @throws LabError `locked` when another living process still holds it after `waitMs`
 */
export async function takeLock(path: string, purpose: string, waitMs: number): Promise<Lock> {
  mkdirSync(dirname(path), { recursive: true });
  const mine: Holder = { pid: process.pid, startTime: startTimeOf(process.pid) ?? '', purpose };
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    if (tryCreate(path, mine)) return { release: () => releaseIfMine(path, mine) };
    const holder = readHolder(path);
    if (holder === undefined || startTimeOf(holder.pid) !== holder.startTime) {
      rmSync(path, { force: true });
      continue;
    }
    if (performance.now() >= giveUpAt) {
      throw new LabError(
        'locked',
        `The lab is in use by process ${holder.pid} (${holder.purpose}); ${path} says so. ` +
          `Wait for it to end, or end it with 'kill ${holder.pid}', or use another lab with HAMN_LAB=NAME.`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Runs `work` under the lock and gives the lock back however it ends. */
export async function withLock<T>(
  path: string,
  purpose: string,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await takeLock(path, purpose, waitMs);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** The file appears whole (written aside, then linked): a reader never takes a half-written lock for a stale one. */
function tryCreate(path: string, mine: Holder): boolean {
  const aside = `${path}.${mine.pid}.${randomUUID()}`;
  writeFileSync(aside, JSON.stringify(mine));
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function releaseIfMine(path: string, mine: Holder): void {
  const holder = readHolder(path);
  if (holder?.pid === mine.pid && holder.startTime === mine.startTime) rmSync(path, { force: true });
}

function readHolder(path: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('pid' in value) || !('startTime' in value) || !('purpose' in value)) return undefined;
    const { pid, startTime, purpose } = value;
    if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof purpose !== 'string')
      return undefined;
    return { pid, startTime, purpose };
  } catch {
    return undefined;
  }
}
