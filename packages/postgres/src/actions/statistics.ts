import { join } from 'node:path';
import { after, type Instant, type PostgresStatistics } from '@hamn/core';
import type { Parts } from '../parts.ts';
import { freeBytes, totalBytes } from '../process/free-space.ts';
import type { Session } from '../session/session.ts';
import { readStatistics, statisticsQuery } from '../session/statistics.ts';

const everyMs = 5000;
const limitMs = 4000;
/** After it, what was told last is no longer shown. */
const freshMs = 30_000;

/**
 * Statistics beside the observation: asked in the background, in a session of its own and with a limit, so that nothing waits for them and a broken or slow answer says
 * nothing of the server's health.
 */
export class Statistics {
  readonly #parts: Parts;
  readonly #session: Session;
  #last: PostgresStatistics | undefined;
  #nextAt: Instant | undefined;
  #busy = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#session = parts.localSession(`-c statement_timeout=${limitMs}`);
  }

  /** What is known now; asks anew when it is time and the server takes sessions (`version` is then known). */
  look(version: number | undefined): PostgresStatistics | undefined {
    const now = this.#parts.clock.now();
    if (version !== undefined && !this.#busy && (this.#nextAt === undefined || now >= this.#nextAt)) {
      this.#busy = true;
      this.#nextAt = after(now, everyMs);
      this.#ask(version)
        .catch(() => undefined)
        .finally(() => {
          this.#busy = false;
        });
    }
    return this.#last !== undefined && now <= after(this.#last.at, freshMs) ? this.#last : undefined;
  }

  /** There is no server any more. */
  forget(): void {
    this.#last = undefined;
    this.#nextAt = undefined;
    this.#session.close();
  }

  close(): void {
    this.#session.close();
  }

  async #ask(version: number): Promise<void> {
    const { clock, options } = this.#parts;
    const wal = join(options.dataDirectory, 'pg_wal');
    const asked = await this.#session.query(statisticsQuery(version), limitMs);
    const [free, total] = await Promise.all([freeBytes(wal), totalBytes(wal)]);
    const disk =
      free === undefined || total === undefined ? undefined : { freeBytes: free, totalBytes: total };
    this.#last = readStatistics(asked.ok ? asked.value[0] : undefined, disk, clock.now());
  }
}
