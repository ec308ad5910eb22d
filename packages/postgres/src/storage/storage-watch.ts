import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, type Instant, type StorageView } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import type { Outcome } from '../limit.ts';
import type { Account } from '../process/account.ts';
import { freeBytes, totalBytes } from '../process/free-space.ts';
import { WriteProbe, type WriteVerdict } from './write-probe.ts';

/** A flush costs the disk something, and a disk that dies is seen soon enough. */
const everyMs = 5000;

interface Options {
  readonly dataDirectory: string;
  readonly storageTimeoutMs: number;
}

interface Deps {
  readonly clock: ClockPort;
  readonly account: () => Promise<Outcome<Account>>;
}

/** The file systems under the data and the WAL: room, and whether writes come back. It looks beside the observation, which never waits for it. */
export class StorageWatch {
  readonly #options: Options;
  readonly #deps: Deps;
  readonly #probes = new Map<string, WriteProbe>();
  #views: readonly StorageView[] | undefined;
  #nextAt: Instant | undefined;
  #lookingSince: Instant | undefined;

  constructor(options: Options, deps: Deps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** What is known; undefined before the first look has ended. */
  views(): readonly StorageView[] | undefined {
    const now = this.#deps.clock.now();
    if (this.#lookingSince === undefined && (this.#nextAt === undefined || now >= this.#nextAt)) {
      this.#lookingSince = now;
      this.#nextAt = after(now, everyMs);
      this.#look()
        .then(
          (views) => {
            this.#views = views;
          },
          () => undefined,
        )
        .finally(() => {
          this.#lookingSince = undefined;
        });
    }
    return this.#isLate(now) ? this.#views?.map((view) => ({ ...view, ...late })) : this.#views;
  }

  /** Even the look itself (a stat, a fork) does not come back: the writes have a limit of their own. */
  #isLate(now: Instant): boolean {
    const since = this.#lookingSince;
    return since !== undefined && now > after(since, 2 * this.#options.storageTimeoutMs);
  }

  async #look(): Promise<readonly StorageView[]> {
    const { dataDirectory } = this.#options;
    const places = await placesOf(dataDirectory);
    if (places.length === 0) return [];
    const account = await this.#deps.account();
    return Promise.all(
      places.map(async ({ holds, path }) => {
        const [free, total, verdict] = await Promise.all([
          freeBytes(path),
          totalBytes(path),
          account.ok ? this.#probe(path, account.value) : ({ state: 'well' } as const),
        ]);
        const reason = verdict.state === 'well' ? undefined : verdict.reason;
        return { holds, path, state: verdict.state, reason, freeBytes: free, totalBytes: total };
      }),
    );
  }

  #probe(path: string, account: Account): Promise<WriteVerdict> {
    const probe = this.#probes.get(path) ?? new WriteProbe();
    this.#probes.set(path, probe);
    return probe.look(path, account, this.#options.storageTimeoutMs);
  }
}

const late = { state: 'hung', reason: 'not even a look at it comes back.' } as const;

async function placesOf(
  dataDirectory: string,
): Promise<readonly { readonly holds: StorageView['holds']; readonly path: string }[]> {
  const data = await stat(dataDirectory).catch(() => undefined);
  if (data === undefined) return [];
  const walPath = await realpath(join(dataDirectory, 'pg_wal')).catch(() => undefined);
  const wal = walPath === undefined ? undefined : await stat(walPath).catch(() => undefined);
  if (walPath === undefined || wal === undefined || wal.dev === data.dev)
    return [{ holds: 'both', path: dataDirectory }];
  return [
    { holds: 'data', path: dataDirectory },
    { holds: 'wal', path: walPath },
  ];
}
