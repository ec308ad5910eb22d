import { join } from 'node:path';
import { type Failure, fail, fullBelowBytes, ok } from '@hamn/core';
import { always, type Permit, termOver, type UnitFailure, type Upstream } from '@hamn/engine';
import {
  hasData,
  hasRecoverySignal,
  putStandbySignal,
  removeStandbySignal,
} from '../files/data-directory.ts';
import { type Limit, type Outcome, type PostgresError, reasonOf } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { freeBytes, megabytes } from '../process/free-space.ts';
import { syncsAtOnceNow } from '../process/init-sync.ts';
import { type LogMarks, lastWords, markLogs, mayPass, speaksOfDamage } from '../process/last-words.ts';
import { findPostmaster, killServerProcesses, signal } from '../process/postmaster.ts';
import { replayingFile } from '../process/replaying.ts';
import { askRole, waitUntilReady } from './ask.ts';
import { follow } from './follow.ts';

/** See PostgresPort.startStandby. A server that runs as a primary is not touched: it must be stopped first. */
export async function startStandby(
  parts: Parts,
  upstream: Upstream | undefined,
  limit: Limit,
): Promise<Outcome<undefined>> {
  const ready = await mayStart(parts);
  if (!ready.ok) return ready;
  if ((await findPostmaster(parts.options.dataDirectory)) !== undefined)
    return joinRunning(parts, upstream, limit);
  const [control, atOnce] = await Promise.all([parts.control.read(limit.part(0.2)), initSync(parts)]);
  const written = await parts.configuration.update((now) => ({
    ...now,
    ...atOnce,
    upstream,
    floors: control.ok ? control.value.capacities : now.floors,
  }));
  if (!written.ok) return written;
  const account = await parts.configuration.account();
  if (!account.ok) return account;
  try {
    await putStandbySignal(parts.options.dataDirectory, account.value);
  } catch (error) {
    return fail('files', `standby.signal cannot be written: ${reasonOf(error)}.`);
  }
  const inRecovery = await startUnit(parts, limit, always);
  return inRecovery.ok ? mustBeStandby(parts, inRecovery.value) : inRecovery;
}

/** Already there: wait until it answers, then only the upstream can differ. */
async function joinRunning(
  parts: Parts,
  upstream: Upstream | undefined,
  limit: Limit,
): Promise<Outcome<undefined>> {
  // Before it answers: a standby that starts up may need the new upstream to become consistent.
  const account = await parts.configuration.account();
  if (!account.ok) return account;
  const role = await askRole(parts, 'The start as a standby', limit.part(0.2));
  if (role.ok && role.value === 'primary')
    return fail(
      'unit-failed',
      'PostgreSQL runs as a primary on this node; it must be stopped before it can start as a standby.',
    );
  if (role.ok) return follow(parts, upstream, limit);
  const written = await follow(parts, upstream, limit.part(0.1));
  if (!written.ok && written.error.code !== 'timeout' && written.error.code !== 'down') return written;
  const inRecovery = await waitUntilReady(parts, limit, () => stillThere(parts));
  return inRecovery.ok ? mustBeStandby(parts, inRecovery.value) : inRecovery;
}

/** A server that came up writable although it was started as a standby is ended at once. */
async function mustBeStandby(parts: Parts, inRecovery: boolean): Promise<Outcome<undefined>> {
  if (inRecovery) return ok(undefined);
  const postmaster = await findPostmaster(parts.options.dataDirectory);
  if (postmaster !== undefined) signal(postmaster.pid, 'SIGQUIT');
  return fail(
    'unit-failed',
    'PostgreSQL came up writable although standby.signal was there; it was stopped. Look for what removed the file or promoted it.',
  );
}

/** See PostgresPort.startPrimary. */
export async function startPrimary(parts: Parts, limit: Limit, permit: Permit): Promise<Outcome<undefined>> {
  const ready = await mayStart(parts);
  if (!ready.ok) return ready;
  const { dataDirectory } = parts.options;
  if (await hasRecoverySignal(dataDirectory))
    return fail(
      'files',
      `${dataDirectory}/recovery.signal is there: somebody prepared a point-in-time recovery. Finish it or remove the file.`,
    );
  if ((await findPostmaster(dataDirectory)) === undefined) {
    if (!permit()) return termOver('PostgreSQL was started as a primary');
    try {
      await removeStandbySignal(dataDirectory);
    } catch (error) {
      return fail('files', `standby.signal cannot be removed: ${reasonOf(error)}.`);
    }
    const patience = limit.part(0.2);
    const chosen = chooseInitSync(parts).catch(() => undefined);
    await Promise.race([chosen, patience.pause(patience.totalMs)]);
  }
  const inRecovery = await startUnit(parts, limit, permit);
  if (!inRecovery.ok) return inRecovery;
  return inRecovery.value
    ? fail('not-primary', 'PostgreSQL runs as a standby on this node; it must be promoted, not restarted.')
    : ok(undefined);
}

const initSync = async ({ software }: Parts): Promise<{ readonly syncsAtOnce: true | undefined }> => ({
  syncsAtOnce: (await syncsAtOnceNow(software.view()?.postgres)) ? true : undefined,
});

/** A matter of speed: where it cannot be written, or not in time, the start goes on as it was last written. */
async function chooseInitSync(parts: Parts): Promise<void> {
  const [wanted, now] = await Promise.all([initSync(parts), parts.configuration.state()]);
  if (now.syncsAtOnce === wanted.syncsAtOnce) return;
  await parts.configuration.update((state) => ({ ...state, ...wanted }));
}

async function mayStart(parts: Parts): Promise<Outcome<undefined>> {
  const job = await parts.marker.read();
  if (job !== undefined)
    return fail(
      'files',
      `A ${job.kind} was begun (${job.startedAt}) and did not end: the data must be cloned again.`,
    );
  const { dataDirectory } = parts.options;
  if (await hasData(dataDirectory)) return ok(undefined);
  return fail(
    'files',
    `${dataDirectory} holds no PostgreSQL data: it must be cloned, or postgres.dataDirectory corrected.`,
  );
}

/**
 * Starts the unit and waits for a session rather than for the unit's job: Debian's wrapper has a server accepting after some 75 ms and ends after 2.2 s. What a
 * killed server left behind is ended first. The value: whether it is in recovery.
 */
async function startUnit(parts: Parts, limit: Limit, permit: Permit): Promise<Outcome<boolean>> {
  const { dataDirectory, unit } = parts.options;
  if ((await findPostmaster(dataDirectory)) === undefined) {
    if (!(await killServerProcesses(dataDirectory, limit)))
      return fail(
        'timeout',
        `Processes of the last server in ${dataDirectory} cannot be killed; they hold its shared memory.`,
      );
  }
  const marks = await markLogs(parts.options, parts.clock.wallMs());
  const job = new UnitJob(parts, limit, permit);
  const ready = await waitUntilReady(parts, limit, async () => {
    if (job.running || (await findPostmaster(dataDirectory)) !== undefined) return ok(undefined);
    // A failure may be that of an older job which was still under way, and a success may mean that the manager had not yet seen the end of
    // the last server: another start tells. A server that says why it ends will say it again.
    if (job.starts > (job.failure === undefined ? 2 : 1)) {
      const words = await lastWords(parts.options, marks);
      const isTold = job.failure !== undefined || words !== undefined;
      if (isTold && (words === undefined || !mayPass(words)))
        return whyNotStarted(parts, job.failure ?? `${unit} ends again as soon as it is started.`, marks);
    }
    if (!job.again()) return whyNotStarted(parts, `${unit} ends again as soon as it is started.`, marks);
    return ok(undefined);
  });
  if (ready.ok || ready.error.code !== 'timeout') return ready;
  // Another program on the port answers in its place: it never came up, and says why.
  if ((await findPostmaster(dataDirectory)) === undefined) {
    const why = await whyNotStarted(parts, job.failure ?? ready.error.message, marks);
    return why.ok ? ready : why;
  }
  return stillRecovering(parts, ready, limit);
}

/** At the limit a server that replays WAL is no failure: it goes on, and what it shows is looked at from outside. */
async function stillRecovering<T>(
  parts: Parts,
  late: { readonly ok: false; readonly error: PostgresError },
  limit: Limit,
): Promise<Outcome<T>> {
  const { dataDirectory, unit } = parts.options;
  const file = await replayingFile(dataDirectory);
  if (file === undefined) return late;
  const whole = Math.round(limit.totalMs);
  return fail(
    'recovering',
    `PostgreSQL (${unit}) has not taken sessions within ${whole} ms: it recovers, and replays ${file} now. It goes on.`,
  );
}

const mostStarts = 20;

/** The unit's start job beside the wait for a session. */
class UnitJob {
  running = true;
  failure: string | undefined;
  starts = 0;
  readonly #parts: Parts;
  readonly #limit: Limit;
  readonly #permit: Permit;

  constructor(parts: Parts, limit: Limit, permit: Permit) {
    this.#parts = parts;
    this.#limit = limit;
    this.#permit = permit;
    this.#start();
  }

  again(): boolean {
    if (this.starts >= mostStarts) return false;
    this.#start();
    return true;
  }

  /** The last of several tries has only what is left of the limit; people are told the whole. */
  #reason(error: Failure<UnitFailure>): string {
    if (error.code !== 'timeout') return error.message;
    const wholeMs = Math.round(this.#limit.totalMs);
    return `${this.#parts.options.unit} did not become active within ${wholeMs} ms.`;
  }

  #start(): void {
    this.starts += 1;
    this.running = true;
    this.failure = undefined;
    const { units, options } = this.#parts;
    units.start(options.unit, this.#limit.leftMs(), this.#permit).then(
      (result) => {
        this.running = false;
        this.failure = result.ok ? undefined : this.#reason(result.error);
      },
      (error: unknown) => {
        this.running = false;
        this.failure = reasonOf(error);
      },
    );
  }
}

async function whyNotStarted(parts: Parts, reason: string, marks: LogMarks): Promise<Outcome<undefined>> {
  const { dataDirectory, unit } = parts.options;
  // The WAL may be on a file system of its own.
  for (const place of [dataDirectory, join(dataDirectory, 'pg_wal')]) {
    const free = await freeBytes(place);
    if (free !== undefined && free < fullBelowBytes)
      return fail(
        'no-space',
        `PostgreSQL did not start, and only ${megabytes(free)} are free under ${place}. Free some space; hamn tries again by itself.`,
      );
  }
  const words = await lastWords(parts.options, marks);
  const said = words === undefined ? '' : ` PostgreSQL says: ${words}`;
  return fail(
    words !== undefined && speaksOfDamage(words) ? 'data-damaged' : 'unit-failed',
    `PostgreSQL did not start: ${reason}${said} See: journalctl -u ${unit}, and PostgreSQL's own log.`,
  );
}

const stillThere = async (parts: Parts): Promise<Outcome<undefined>> =>
  (await findPostmaster(parts.options.dataDirectory)) === undefined
    ? fail(
        'unit-failed',
        `PostgreSQL ended while it was starting; see: journalctl -u ${parts.options.unit}, and its own log.`,
      )
    : ok(undefined);
