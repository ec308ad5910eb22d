import { type DivergedView, fail, ok } from '@hamn/core';
import type { PostgresPort } from '@hamn/engine';
import { applySettings } from './actions/apply-settings.ts';
import { askOne, askRole, runAlone } from './actions/ask.ts';
import { clone } from './actions/clone.ts';
import { detach } from './actions/detach.ts';
import { follow } from './actions/follow.ts';
import { Observer } from './actions/observe.ts';
import { promote } from './actions/promote.ts';
import { rewind } from './actions/rewind.ts';
import { changeSlots } from './actions/slots.ts';
import { startPrimary, startStandby } from './actions/start.ts';
import { stop } from './actions/stop.ts';
import { SynchronousNames } from './actions/synchronous.ts';
import { KeptWal } from './diverged/kept.ts';
import { OldData } from './files/old-data.ts';
import { atLimit, type Limit, type Outcome, reasonOf, startLimit } from './limit.ts';
import type { PostgresDeps, PostgresOptions } from './options.ts';
import { makeParts, type Parts } from './parts.ts';
import { lsnField } from './session/fields.ts';

/** PostgresPort, and the end of its sessions. The server itself is never touched by `close`. */
export interface Postgres extends PostgresPort {
  close(): void;
}

/** PostgreSQL 13 and later on this node. See PostgresPort for what each call promises. */
export function createPostgres(options: PostgresOptions, deps: PostgresDeps): Postgres {
  const parts = makeParts(options, deps);
  const watchers: (() => void)[] = [];
  const changed = (): void => {
    for (const watcher of watchers) watcher();
  };
  const names = new SynchronousNames(parts);
  const observer = new Observer(parts, names, changed);
  const cleaner = new Cleaner(parts);
  const diverged = new Diverged(parts);
  const limited = <T>(timeoutMs: number, act: (limit: Limit) => Promise<Outcome<T>>): Promise<Outcome<T>> =>
    withinLimit(options, deps.clock, timeoutMs, act);
  /** After it, what only a reload or restart changes is asked anew. */
  const changing = async <T>(
    timeoutMs: number,
    act: (limit: Limit) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> => {
    const result = await limited(timeoutMs, act);
    observer.refresh();
    return result;
  };
  deps.units.watch(changed);
  return {
    observe: (timeoutMs) =>
      limited(timeoutMs, async (limit) => {
        const view = await observer.observe(limit);
        diverged.look();
        if (!view.ok) return view;
        if (view.value.server.kind === 'up' && view.value.server.streaming) cleaner.run();
        return ok({ ...view.value, diverged: diverged.kept });
      }),
    startStandby: (upstream, timeoutMs) =>
      changing(timeoutMs, (limit) => startStandby(parts, upstream, limit)),
    startPrimary: (timeoutMs, permit) => changing(timeoutMs, (limit) => startPrimary(parts, limit, permit)),
    promote: (timeoutMs, permit) => limited(timeoutMs, (limit) => promote(parts, limit, permit)),
    follow: (upstream, timeoutMs) => changing(timeoutMs, (limit) => follow(parts, upstream, limit)),
    detach: (timeoutMs) => changing(timeoutMs, (limit) => detach(parts, limit)),
    setSynchronous: (wanted, timeoutMs) => changing(timeoutMs, (limit) => names.set(wanted, limit)),
    currentLsn: (timeoutMs) =>
      limited(timeoutMs, async (limit) => {
        const what = 'The position of the WAL cannot be told';
        const role = await askRole(parts, what, limit);
        if (!role.ok) return role;
        if (role.value === 'standby') return fail('not-primary', `${what}: this server is a standby.`);
        const row = await askOne(parts, what, 'SELECT pg_current_wal_flush_lsn()::text AS it', limit);
        const position = row.ok ? lsnField(row.value, 'it') : undefined;
        if (position !== undefined) return ok(position);
        return row.ok ? fail('sql', `${what}: the answer is not understood.`) : row;
      }),
    checkpoint: (timeoutMs) =>
      limited(timeoutMs, async (limit) => {
        const row = await runAlone(parts, 'The checkpoint failed', 'CHECKPOINT', limit);
        return row.ok ? ok(undefined) : row;
      }),
    stop: (mode, timeoutMs) => limited(timeoutMs, (limit) => stop(parts, mode, limit)),
    rewind: async (upstream, timeoutMs, keepMs) => {
      const rewound = await changing(timeoutMs, (limit) => rewind(parts, upstream, limit, keepMs));
      diverged.lookSoon();
      return rewound;
    },
    clone: async (upstream, timeoutMs, keepMs, standby) => {
      const cloned = await changing(timeoutMs, (limit) => clone(parts, upstream, limit, keepMs, standby));
      cleaner.lookSoon();
      diverged.lookSoon();
      return cloned;
    },
    changeSlots: (changes, timeoutMs) => limited(timeoutMs, (limit) => changeSlots(parts, changes, limit)),
    applySettings: (timeoutMs) => changing(timeoutMs, (limit) => applySettings(parts, limit)),
    watch: (onChange) => {
      watchers.push(onChange);
    },
    close: () => {
      observer.close();
      parts.commander.close();
    },
  };
}

/** A call that waits for a file system that hangs cannot be ended, only left; the steps inside have earlier limits of their own. */
const graceMs = 50;

function withinLimit<T>(
  options: PostgresOptions,
  clock: PostgresDeps['clock'],
  timeoutMs: number,
  act: (limit: Limit) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const cancel = atLimit(clock, timeoutMs + graceMs, () =>
      resolve(
        fail(
          'timeout',
          `Nothing came back within ${timeoutMs} ms: the storage under ${options.dataDirectory} or ${options.stateDirectory} may hang.`,
        ),
      ),
    );
    void act(startLimit(clock, timeoutMs))
      .catch((error: unknown) =>
        fail('files' as const, `PostgreSQL could not be handled: ${reasonOf(error)}.`),
      )
      .then((result) => {
        cancel();
        resolve(result);
      });
  });
}

/** Removes the data that a clone replaced, once the clone streams. It looks once for each start of hamnd and after each clone. */
class Cleaner {
  readonly #old: OldData;
  readonly #clock: Parts['clock'];
  #running = false;
  #nextLook = 0;

  constructor(parts: Parts) {
    this.#old = new OldData(parts.options.dataDirectory);
    this.#clock = parts.clock;
  }

  lookSoon(): void {
    this.#nextLook = 0;
  }

  run(): void {
    const now = this.#clock.now();
    if (this.#running || now < this.#nextLook) return;
    this.#running = true;
    this.#nextLook = now + lookEveryMs;
    this.#old
      .removeOld()
      .catch(() => undefined)
      .finally(() => {
        this.#running = false;
      });
  }
}

/** What was set aside, as it is shown; it is looked for now and then, and what was kept long enough is removed. Not while a job may be writing it. */
class Diverged {
  readonly #wal: KeptWal;
  readonly #parts: Parts;
  #kept: readonly DivergedView[] = [];
  #running = false;
  #nextLook = 0;

  constructor(parts: Parts) {
    this.#wal = new KeptWal(parts.options.dataDirectory);
    this.#parts = parts;
  }

  get kept(): readonly DivergedView[] {
    return this.#kept;
  }

  lookSoon(): void {
    this.#nextLook = 0;
  }

  look(): void {
    const { clock, progress } = this.#parts;
    const now = clock.now();
    if (this.#running || now < this.#nextLook || progress.view !== undefined) return;
    this.#running = true;
    this.#nextLook = now + lookEveryMs;
    this.#wal
      .prune(clock.wallMs())
      .then(() => this.#wal.list())
      .then((kept) => {
        this.#kept = kept;
      })
      .catch(() => undefined)
      .finally(() => {
        this.#running = false;
      });
  }
}

/** A look is one directory read. */
const lookEveryMs = 10_000;
