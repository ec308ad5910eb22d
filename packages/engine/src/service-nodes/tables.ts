import { between, type Instant, type Placement, type Result } from '@hamn/core';
import { type MoveDeps, readTables } from './move-batch.ts';

/** nodels of some thousand nodes takes seconds where the database is loaded. */
export const tablesMs = 60_000;

/** xCAT's tables as they were read last: nodels costs a second of a processor, so it is not run where nothing depends on it. */
export class Tables {
  readonly #deps: Pick<MoveDeps, 'port' | 'clock'>;
  #read: { readonly at: Instant; readonly placement: Placement } | undefined;

  constructor(deps: Pick<MoveDeps, 'port' | 'clock'>) {
    this.#deps = deps;
  }

  get placement(): Placement | undefined {
    return this.#read?.placement;
  }

  isOlderThan(ms: number): boolean {
    return this.#read === undefined || between(this.#read.at, this.#deps.clock.now()) >= ms;
  }

  /** Reads them now. What was read before does not count any more when that fails. */
  async refresh(): Promise<Result<Placement>> {
    const at = this.#deps.clock.now();
    const read = await readTables(tablesMs, this.#deps);
    this.#read = read.ok ? { at, placement: read.value } : undefined;
    return read;
  }
}
