import { alone, type Claim, claimOf, fail, implies, ok, sameClaim, weakest } from '@hamn/core';
import { listOfState } from '../files/include-text.ts';
import {
  claimOfList,
  isFinal,
  listOfClaim,
  type NamesList,
  parseSynchronousNames,
  renderNames,
  waysTo,
} from '../files/synchronous-names.ts';
import type { Limit, Outcome } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { findPostmaster } from '../process/postmaster.ts';
import { textField } from '../session/fields.ts';
import { commitDoesNotWait } from '../session/run-facts.ts';
import type { ServerFacts } from '../session/server-facts.ts';
import { askOne } from './ask.ts';
import { type Reloaded, reloadAndSee, requestReload } from './reload.ts';
import { proveWaiting, publishedByCheckpoints, sendersAgree } from './waiting-proof.ts';

interface Proof {
  /** The run of the server that it holds for. */
  readonly started: string;
  readonly claim: Claim;
}

interface Run {
  readonly started: string;
  readonly inRecovery: boolean;
}

/** Changes what commits wait for, and remembers what of it is proven. */
export class SynchronousNames {
  readonly #parts: Parts;
  #proof: Proof | undefined;
  /** The last change that ended well: its reload was seen, and proven where the present names did not imply it. */
  #confirmed: Proof | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * What every commit of this run waits for now. `neverReloaded`: the run began with the names it shows, so that no
   * process ever had others.
   */
  waitsFor(facts: ServerFacts, neverReloaded: boolean): Claim {
    if (facts.inRecovery) return alone;
    const list = parseSynchronousNames(facts.names);
    const inEffect = list === undefined ? alone : claimOfList(list);
    if (this.#proof?.started !== facts.started) {
      const isKnown = neverReloaded && list !== undefined && isFinal(list);
      this.#proof = isKnown ? { started: facts.started, claim: inEffect } : undefined;
    }
    return this.#proof === undefined ? alone : weakest(inEffect, this.#proof.claim);
  }

  /** See PostgresPort.setSynchronous. */
  set(claim: Claim, limit: Limit): Promise<Outcome<undefined>> {
    const run = this.#queue.then(() => this.#set(claim, limit));
    this.#queue = run.catch(() => undefined);
    return run;
  }

  async #set(claim: Claim, limit: Limit): Promise<Outcome<undefined>> {
    const wanted = claimOf([...new Set(claim.members)], claim.count);
    if (wanted.members.includes(this.#parts.options.node))
      return fail('sql', `${this.#parts.options.node} cannot be a synchronous standby of itself.`);
    const { dataDirectory } = this.#parts.options;
    if ((await findPostmaster(dataDirectory)) === undefined) return this.#write(listOfClaim(wanted));
    const run = await this.#run(limit);
    if (!run.ok) {
      // It runs and does not answer: the names are there for the next start, but nothing is proven now.
      const written = await this.#write(listOfClaim(wanted));
      return written.ok ? run : written;
    }
    return this.#change(wanted, run.value, limit);
  }

  async #change(wanted: Claim, run: Run, limit: Limit): Promise<Outcome<undefined>> {
    const before = listOfState(await this.#parts.configuration.state());
    const proven = this.#proof?.started === run.started ? this.#proof.claim : alone;
    const confirmed = this.#confirmed?.started === run.started ? this.#confirmed.claim : undefined;
    const isSame = isFinal(before) && sameClaim(claimOfList(before), wanted);
    if (confirmed !== undefined && sameClaim(confirmed, wanted) && isSame) return ok(undefined);
    this.#confirmed = undefined;
    // From the write on, some commits wait for the old names and some for the new ones.
    this.#proof = { started: run.started, claim: weakest(proven, wanted) };
    const grows = !implies(proven, wanted);
    // Only a proof needs changed places, and a standby has no WAL senders whose word counts.
    const isToProve = grows && !run.inRecovery;
    const ways = isToProve ? waysTo(before, wanted) : [listOfClaim(wanted)];
    const moved = isToProve ? await this.#moveSenders(before, ways.slice(0, -1), limit) : ok(undefined);
    // On the way commits may wait for a standby that hangs: what is wanted is written whatever came of it.
    if (!moved.ok && ways.length === 1) return moved;
    const written = await this.#write(ways.at(-1) ?? listOfClaim(wanted));
    if (!written.ok) return written;
    const proved = await this.#reloadAndProve(grows && moved.ok, run.inRecovery, limit);
    if (!moved.ok) return moved;
    if (proved.ok) {
      this.#proof = { started: run.started, claim: wanted };
      this.#confirmed = this.#proof;
    }
    return proved;
  }

  /** A changed place tells something only when the present place is known. An earlier hamnd may have written it and died before its reload. */
  async #moveSenders(
    before: NamesList,
    between: readonly NamesList[],
    limit: Limit,
  ): Promise<Outcome<undefined>> {
    // Before a reload puts into effect what an admin's file says instead.
    const sound = await this.#write(before);
    if (!sound.ok) return sound;
    await requestReload(this.#parts);
    const settled = await sendersAgree(this.#parts, before, limit.part(0.2));
    if (!settled.ok) return settled;
    for (const list of between) {
      const written = await this.#write(list);
      if (!written.ok) return written;
      const seen = await this.#reload(list, limit.part(0.2));
      if (!seen.ok) return seen;
      const moved = await sendersAgree(this.#parts, list, limit.part(0.2));
      if (!moved.ok) return moved;
    }
    return ok(undefined);
  }

  async #reloadAndProve(grows: boolean, inRecovery: boolean, limit: Limit): Promise<Outcome<undefined>> {
    const list = listOfState(await this.#parts.configuration.state());
    const seen = await this.#reload(list, limit);
    if (!seen.ok) return seen;
    if (!grows) return ok(undefined);
    if (['off', 'local'].includes(seen.value.synchronousCommit))
      return fail('not-proven', commitDoesNotWait(seen.value.synchronousCommit));
    // A standby commits nothing: there only the checkpointer's flag must be there before a promotion.
    if (inRecovery) return publishedByCheckpoints(this.#parts, limit);
    return proveWaiting(this.#parts, list, seen.value.seenAt, limit);
  }

  #reload(list: NamesList, limit: Limit): Promise<Outcome<Reloaded>> {
    return reloadAndSee(this.#parts, { name: 'synchronous_standby_names', value: renderNames(list) }, limit);
  }

  async #write({ names, quorum, placeholder }: NamesList): Promise<Outcome<undefined>> {
    const written = await this.#parts.configuration.update((now) => ({
      ...now,
      synchronous: names,
      quorum,
      placeholder,
    }));
    return written.ok ? ok(undefined) : written;
  }

  async #run(limit: Limit): Promise<Outcome<Run>> {
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
