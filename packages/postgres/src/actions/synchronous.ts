import { fail, type NodeId, ok } from '@hamn/core';
import { parseSynchronousNames, reorder } from '../files/synchronous-names.ts';
import type { Limit, Outcome } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { findPostmaster } from '../process/postmaster.ts';
import { textField } from '../session/fields.ts';
import { commitDoesNotWait } from '../session/run-facts.ts';
import type { ServerFacts } from '../session/server-facts.ts';
import { askOne } from './ask.ts';
import { configured } from './follow.ts';
import { reloadAndSee, requestReload } from './reload.ts';
import { proveWaiting, publishedByCheckpoints, sendersAgree } from './waiting-proof.ts';

interface Proof {
  /** The run of the server that it holds for. */
  readonly started: string;
  readonly names: ReadonlySet<NodeId>;
}

/** Changes the names that commits wait for, and remembers what of it is proven. */
export class SynchronousNames {
  readonly #parts: Parts;
  #proof: Proof | undefined;
  /** The last change that ended well: its reload was seen, and proven where it added names. */
  #confirmed: Proof | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The names that every commit of this run waits for now. `neverReloaded`: the run began with the names it shows, so that no
   * process ever had others.
   */
  waitsFor(facts: ServerFacts, neverReloaded: boolean): readonly NodeId[] {
    const inEffect = parseSynchronousNames(facts.names) ?? [];
    if (facts.inRecovery) return [];
    if (this.#proof?.started !== facts.started)
      this.#proof = neverReloaded ? { started: facts.started, names: new Set(inEffect) } : undefined;
    const proven = this.#proof?.names;
    return proven === undefined ? [] : inEffect.filter((name) => proven.has(name));
  }

  /** See PostgresPort.setSynchronous. */
  set(names: readonly NodeId[], limit: Limit): Promise<Outcome<undefined>> {
    const run = this.#queue.then(() => this.#set(names, limit));
    this.#queue = run.catch(() => undefined);
    return run;
  }

  async #set(names: readonly NodeId[], limit: Limit): Promise<Outcome<undefined>> {
    const wanted = new Set(names);
    if (wanted.has(this.#parts.options.node))
      return fail('sql', `${this.#parts.options.node} cannot be a synchronous standby of itself.`);
    const { dataDirectory } = this.#parts.options;
    if ((await findPostmaster(dataDirectory)) === undefined) return this.#write([...wanted]);
    const run = await this.#run(limit);
    if (!run.ok) {
      // It runs and does not answer: the names are there for the next start, but nothing is proven now.
      const written = await this.#write([...wanted]);
      return written.ok ? run : written;
    }
    return this.#change(wanted, run.value, limit);
  }

  async #change(
    wanted: ReadonlySet<NodeId>,
    run: { readonly started: string; readonly inRecovery: boolean },
    limit: Limit,
  ): Promise<Outcome<undefined>> {
    const before = (await this.#parts.configuration.state()).synchronous;
    const proven = this.#proof?.started === run.started ? this.#proof.names : new Set<NodeId>();
    const confirmed = this.#confirmed?.started === run.started ? this.#confirmed.names : undefined;
    if (confirmed !== undefined && sameNames(confirmed, wanted) && sameNames(new Set(before), wanted))
      return ok(undefined);
    this.#confirmed = undefined;
    // From the write on, some commits wait for the old names and some for the new ones.
    const both = new Set([...wanted].filter((name) => proven.has(name)));
    this.#proof = { started: run.started, names: both };
    const grows = both.size < wanted.size;
    if (grows && !run.inRecovery) {
      // Before a reload puts into effect what an admin's file says instead.
      const sound = await this.#write(before);
      if (!sound.ok) return sound;
      // A changed place tells something only when the present place is known. An earlier hamnd may have written it and died before its reload.
      await requestReload(this.#parts);
      const settled = await sendersAgree(this.#parts, before, limit.part(0.2));
      if (!settled.ok) return settled;
    }
    const written = await this.#write(reorder(before, [...wanted]));
    if (!written.ok) return written;
    const proved = await this.#reloadAndProve(grows, run.inRecovery, limit);
    if (proved.ok) {
      this.#proof = { started: run.started, names: wanted };
      this.#confirmed = this.#proof;
    }
    return proved;
  }

  async #reloadAndProve(grows: boolean, inRecovery: boolean, limit: Limit): Promise<Outcome<undefined>> {
    const value = await configured(this.#parts, 'synchronous_standby_names');
    if (!value.ok) return value;
    const seen = await reloadAndSee(
      this.#parts,
      { name: 'synchronous_standby_names', value: value.value },
      limit,
    );
    if (!seen.ok) return seen;
    if (!grows) return ok(undefined);
    if (['off', 'local'].includes(seen.value.synchronousCommit))
      return fail('not-proven', commitDoesNotWait(seen.value.synchronousCommit));
    // A standby commits nothing: there only the checkpointer's flag must be there before a promotion.
    if (inRecovery) return publishedByCheckpoints(this.#parts, limit);
    const names = parseSynchronousNames(value.value) ?? [];
    return proveWaiting(this.#parts, names, seen.value.seenAt, limit);
  }

  async #write(names: readonly NodeId[]): Promise<Outcome<undefined>> {
    const written = await this.#parts.configuration.update((now) => ({ ...now, synchronous: names }));
    return written.ok ? ok(undefined) : written;
  }

  async #run(limit: Limit): Promise<Outcome<{ readonly started: string; readonly inRecovery: boolean }>> {
    const row = await askOne(
      this.#parts,
      'The synchronous names were written, but PostgreSQL could not be asked whether they are in effect',
      'SELECT extract(epoch FROM pg_postmaster_start_time())::text AS started, pg_is_in_recovery() AS in_recovery',
      limit.part(0.5),
    );
    if (!row.ok) return row;
    return ok({
      started: textField(row.value, 'started') ?? '',
      inRecovery: row.value['in_recovery'] === true,
    });
  }
}

const sameNames = (a: ReadonlySet<NodeId>, b: ReadonlySet<NodeId>): boolean =>
  a.size === b.size && [...a].every((name) => b.has(name));
