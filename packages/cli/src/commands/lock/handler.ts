import { randomUUID } from 'node:crypto';
import { durationMs, type NodeFile } from '@hamn/config';
import { type LockValue, lockTiming, lockTtlSeconds } from '@hamn/core';
import type { ClockPort, LockPort } from '@hamn/engine';
import type { App, GlobalOptions } from '../../app.ts';
import { loadNodeFile } from '../../connect/node-file.ts';
import { usage } from '../../connect/with-store.ts';
import { type ExitCode, exitCodes, passedOn } from '../../exit-codes.ts';
import { formatDuration } from '../../text/quantities.ts';
import { acquire } from './acquire.ts';
import { type HoldEnd, holdWhile } from './hold.ts';
import { listLocks } from './list.ts';
import { passSignals } from './pass-signals.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

export interface LockOptions extends GlobalOptions {
  readonly name: string | undefined;
  readonly command: readonly string[];
  readonly wait: string;
  readonly ttl: string;
  readonly list: boolean;
  readonly json: boolean;
}

const readyMs = 20_000;
const releaseMs = 3000;
const longestWaitMs = 86_400_000;

export async function lock(options: LockOptions, app: App): Promise<ExitCode> {
  const wanted = options.list ? 'list' : wantedOf(options);
  if (typeof wanted === 'object' && 'wrong' in wanted) return usage(app, wanted.wrong);
  const file = await loadNodeFile(options.config);
  if (!file.ok) return usage(app, file.error.message);
  const locks = await app.openLocks(file.value, options.group);
  if (!locks.ok) return usage(app, locks.error.message);
  try {
    return wanted === 'list'
      ? await listLocks(locks.value, options.json, app)
      : await runUnder(wanted, file.value, locks.value, app);
  } finally {
    locks.value.close();
  }
}

interface Wanted {
  readonly name: string;
  readonly command: readonly string[];
  readonly waitMs: number;
  readonly ttlSeconds: number;
}

const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

function wantedOf({ name, command, wait, ttl }: LockOptions): Wanted | { readonly wrong: string } {
  if (name === undefined)
    return {
      wrong: 'Name the lock: `hamnctl lock NAME -- COMMAND`. `hamnctl lock --list` shows who has which.',
    };
  if (!nameForm.test(name))
    return {
      wrong: `'${name}' is no name of a lock: letters, digits, dots, hyphens and underscores, at most 63, the first a letter or digit.`,
    };
  if (command.length === 0)
    return { wrong: `Say what to run, after two hyphens: \`hamnctl lock ${name} -- COMMAND\`.` };
  const waitMs = durationMs(wait);
  if (waitMs === undefined || waitMs > longestWaitMs)
    return {
      wrong: `--wait is a length of time with its unit, such as 30s or 10min, at most 24h; not '${wait}'.`,
    };
  const { least, most } = lockTtlSeconds;
  const ttlMs = durationMs(ttl);
  if (ttlMs === undefined || ttlMs % 1000 !== 0 || ttlMs < least * 1000 || ttlMs > most * 1000)
    return { wrong: `--ttl is whole seconds from ${least}s to ${most}s, such as 30s; not '${ttl}'.` };
  return { name, command, waitMs, ttlSeconds: ttlMs / 1000 };
}

async function runUnder(wanted: Wanted, file: NodeFile, locks: LockPort, app: App): Promise<ExitCode> {
  const { io } = app;
  const { bootClock: clock } = await import('../../connect/boot-clock.ts');
  // It is there before the lock is: its start must not cost the lock's time.
  const watchdog = startWatchdog();
  if (!(await isReady(watchdog, clock))) {
    io.err('The process that watches over the command did not start, so the command was not started.\n');
    return exitCodes.notLocked;
  }
  const { name, command, waitMs, ttlSeconds } = wanted;
  const value = (): LockValue => ({
    node: file.node,
    by: io.user,
    pid: process.pid,
    command: command.join(' ').slice(0, 200),
    sinceWallMs: io.wallMs(),
    ttlSeconds,
    nonce: randomUUID(),
  });
  const held = await acquire({ name, waitMs, value }, { locks, clock, io });
  if (held === undefined) {
    watchdog.close();
    return exitCodes.notLocked;
  }
  const stopPassing = passSignals(watchdog, io);
  const timing = lockTiming(ttlSeconds);
  const end = await holdWhile({ held, timing, command }, { locks, clock, watchdog });
  // Processes that cannot be killed may still write: then the lease is left to its time, which is the most that can be done.
  const released = end.kind === 'stuck' ? undefined : await locks.release(held, releaseMs);
  stopPassing();
  watchdog.close();
  if (released?.ok !== true)
    io.err(
      `The lock ${name} could not be given back; it is free again after at most ${formatDuration(timing.ttlMs)}.\n`,
    );
  return tell(name, end, app);
}

function isReady(watchdog: Watchdog, clock: ClockPort): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(readyMs, () => resolve(false));
    watchdog.listen(({ kind }) => {
      if (kind !== 'ready' && kind !== 'gone') return;
      cancel();
      resolve(kind === 'ready');
    });
  });
}

function tell(name: string, end: HoldEnd, { io }: App): ExitCode {
  switch (end.kind) {
    case 'ended':
      if (end.leftovers)
        io.err(`The command left processes behind; they were stopped, as the lock ${name} was given back.\n`);
      return passedOn(end.code);
    case 'not-started':
      io.err(`The command could not be started: ${end.reason}.\n`);
      return exitCodes.notStarted;
    case 'stopped':
      io.err(`The lock ${name} was lost and the command was stopped: ${end.why}.\n`);
      return exitCodes.lockLost;
    case 'stuck':
      io.err(
        `The lock ${name} was lost, and processes of the command do not end after SIGKILL (${end.pids.join(', ')}): they wait for a disk or a file server. See that they are gone before the command runs anywhere again.\n`,
      );
      return exitCodes.lockLost;
  }
}
